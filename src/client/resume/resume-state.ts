import { Bitfield } from '../../base/bitfield.js'
import { equalBytes } from '../../base/bytes.js'
import type { Steps } from '../../base/steps.js'
import { BencodeError } from '../../protocol/bencode/bencode-error.js'
import { encodeBencodeInSteps } from '../../protocol/bencode/encode.js'
import { METAINFO_LIMITS } from '../../protocol/bencode/limits.js'
import { scanBencode } from '../../protocol/bencode/scan.js'
import type { BencodeValue } from '../../protocol/bencode/value.js'
import { harmlessName } from '../../protocol/metainfo/reading/true-names.js'
import { isSameStamp } from '../disk/file-stamp.js'
import { FileStamps, STAMP_LENGTH } from '../disk/file-stamps.js'
import { partsIndexOf, type StorageLayout } from '../disk/layout.js'
import type { ChangedNames } from '../disk/names/disk-names.js'
import { PartExtents } from '../disk/part-extents.js'
import { type BootMark, isSameBoot } from './boot-mark.js'
import { type History, isSameHistory } from './history.js'

/** Version 1 knew sizes and times of last change alone, so that its files are hashed again. */
const VERSION = 2
const VERSION_WITHOUT_STAMPS = 1

/** The saved state of a torrent, with which it resumes at once. */
export interface ResumeState extends History {
  /** Pieces that were verified. */
  readonly pieces: Bitfield
  /** Pieces whose bytes were known to be on the disk before the state was written: they survive a crash of the machine. */
  readonly synced: Bitfield
  /** The start of the machine in which the state was written: until the next one, all of `pieces` are there. */
  readonly boot: BootMark
  /** By entry index, and then of the parts file: the files as they were when `pieces` was true of them. */
  readonly stamps: FileStamps
  /** Bytes of files that are not selected, in the parts file. */
  readonly parts: PartExtents
  /** The files that have another name on the disk than in the torrent. */
  readonly changedNames: ChangedNames
  /** True if the hashes of the whole files that were selected were verified after the last piece. */
  readonly isWholeVerified: boolean
  /** The entries that were selected; undefined: all of them. */
  readonly selected: Bitfield | undefined
  /** When the last of `pieces` was verified, in ms since 1970; 0 where that is not known. */
  readonly verifiedAtMs: number
}

/** The bytes of a resume file (bencoded); with a hundred thousand files they take a while. */
export function* encodeResume(state: ResumeState): Steps<Uint8Array> {
  return yield* encodeBencodeInSteps({
    version: VERSION,
    pieces: state.pieces.bytes,
    'piece count': state.pieces.length,
    synced: state.synced.bytes,
    'boot id': state.boot.type === 'id' ? state.boot.id : '',
    'boot time': state.boot.type === 'time' ? state.boot.startedMs : 0,
    stamps: state.stamps.encode(),
    ...(!state.parts.isEmpty && { parts: state.parts.encode() }),
    names: [...state.changedNames],
    uploaded: state.uploaded,
    downloaded: state.downloaded,
    'seeding seconds': state.seedingSeconds,
    'completion handled': state.isCompletionHandled ? 1 : 0,
    'whole verified': state.isWholeVerified ? 1 : 0,
    ...(state.selected && { selected: state.selected.bytes }),
    'verified at': Math.round(state.verifiedAtMs),
  })
}

/** The state that `bytes` hold, or the reason why they are of no use for this torrent. */
export function decodeResume(bytes: Uint8Array, layout: StorageLayout): ResumeState | string {
  let root: BencodeValue
  try {
    root = scanBencode(bytes, METAINFO_LIMITS)
  } catch (error) {
    if (error instanceof BencodeError) return `it is damaged: ${error.message}`
    throw error
  }
  // Only this program writes this file, and it is believed, so it is read strictly.
  if (root.tailLength > 0 || root.oddities.length > 0) return 'it is damaged: not as it was written'
  const version = root.get('version')?.integer
  if (version !== VERSION && version !== VERSION_WITHOUT_STAMPS) return 'it is of another version'
  const pieces = Bitfield.fromBytes(root.get('pieces')?.string ?? new Uint8Array(0), layout.pieceCount)
  if (pieces === undefined || root.get('piece count')?.integer !== layout.pieceCount) {
    return 'it has another number of pieces'
  }
  const stamps =
    version === VERSION
      ? readStamps(root.get('stamps')?.string, layout)
      : FileStamps.missing(layout.entries.length)
  if (stamps === undefined) return 'it has another number of files'
  return {
    pieces,
    synced:
      Bitfield.fromBytes(root.get('synced')?.string ?? new Uint8Array(0), layout.pieceCount) ??
      new Bitfield(layout.pieceCount),
    boot: bootOf(root),
    stamps,
    parts: readParts(root.get('parts')?.string, layout),
    changedNames: readNames(root.get('names')),
    uploaded: countOf(root, 'uploaded'),
    downloaded: countOf(root, 'downloaded'),
    seedingSeconds: countOf(root, 'seeding seconds'),
    isCompletionHandled: countOf(root, 'completion handled') === 1,
    isWholeVerified: countOf(root, 'whole verified') === 1,
    selected: readSelected(root.get('selected')?.string, layout.entries.length),
    verifiedAtMs: countOf(root, 'verified at'),
  }
}

/**
 * The pieces that are on the disk, as far as their files are unchanged: within the start of the machine in which they
 * were verified all of them, after a crash or a loss of power those that had been synced.
 */
export function reliablePieces(state: ResumeState, boot: BootMark): Bitfield {
  if (isSameBoot(state.boot, boot)) return state.pieces
  const reliable = new Bitfield(state.pieces.length)
  for (const piece of state.synced) if (state.pieces.has(piece)) reliable.add(piece)
  return reliable
}

/** Earlier versions of this program knew of no parts file. */
function readStamps(bytes: Uint8Array | undefined, layout: StorageLayout): FileStamps | undefined {
  const count = (bytes?.length ?? -1) / STAMP_LENGTH
  const isOfAll = count === layout.entries.length || count === partsIndexOf(layout) + 1
  return bytes !== undefined && isOfAll ? FileStamps.decode(bytes) : undefined
}

/** Extents that do not fit the torrent are none: the pieces are then not there. */
function readParts(bytes: Uint8Array | undefined, layout: StorageLayout): PartExtents {
  const size = layout.pieceCount * layout.pieceLength
  return (bytes && PartExtents.decode(bytes, size)) ?? PartExtents.NONE
}

/** True if two states are equal, so that the later one need not be written. */
export function isSameState(before: ResumeState, now: ResumeState): boolean {
  return (
    equalBytes(before.pieces.bytes, now.pieces.bytes) &&
    isSameStamps(before.stamps, now.stamps) &&
    before.parts.equals(now.parts) &&
    isSameNames(before.changedNames, now.changedNames) &&
    isSameHistory(before, now) &&
    before.isWholeVerified === now.isWholeVerified &&
    isSameSelected(before.selected, now.selected) &&
    equalBytes(before.synced.bytes, now.synced.bytes) &&
    // The boot matters only to pieces that were not synced.
    (isSameBoot(before.boot, now.boot) || equalBytes(now.synced.bytes, now.pieces.bytes))
  )
}

function isSameStamps(before: FileStamps, now: FileStamps): boolean {
  for (let index = 0; index < Math.max(before.length, now.length); index++) {
    if (!isSameStamp(before.at(index), now.at(index))) return false
  }
  return true
}

function isSameSelected(before: Bitfield | undefined, now: Bitfield | undefined): boolean {
  return before === undefined || now === undefined ? before === now : before.equals(now)
}

/** Bits that do not fit the torrent select nothing. */
function readSelected(bytes: Uint8Array | undefined, count: number): Bitfield | undefined {
  return bytes && (Bitfield.fromBytes(bytes, count) ?? new Bitfield(count))
}

/** A mark that cannot be read is of another start. */
function bootOf(root: BencodeValue): BootMark {
  const id = root.get('boot id')?.text ?? ''
  return id === '' ? { type: 'time', startedMs: countOf(root, 'boot time') } : { type: 'id', id }
}

/** Entries that are not a pair of a path and a name are ignored. */
function readNames(value: BencodeValue | undefined): ChangedNames {
  const names = new Map<string, string>()
  for (const pair of value?.items ?? []) {
    const [path, name] = pair.items ?? []
    const diskName = name?.text
    if (path?.text !== undefined && diskName !== undefined && harmlessName(diskName) === diskName)
      names.set(path.text, diskName)
  }
  return names
}

function isSameNames(before: ChangedNames, now: ChangedNames): boolean {
  if (before.size !== now.size) return false
  for (const [path, name] of now) if (before.get(path) !== name) return false
  return true
}

/** A count that is missing or negative is none. */
function countOf(root: BencodeValue, key: string): number {
  return Math.max(0, root.get(key)?.integer ?? 0)
}
