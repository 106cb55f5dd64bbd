import { uptime } from 'node:os'
import { Bitfield } from '../../base/bitfield.js'
import { equalBytes } from '../../base/bytes.js'
import type { Steps } from '../../base/steps.js'
import { BencodeError } from '../../protocol/bencode/bencode-error.js'
import { encodeBencodeInSteps } from '../../protocol/bencode/encode.js'
import { METAINFO_LIMITS } from '../../protocol/bencode/limits.js'
import { scanBencode } from '../../protocol/bencode/scan.js'
import type { BencodeValue } from '../../protocol/bencode/value.js'
import { isSameStamp } from '../disk/file-stamp.js'
import { FileStamps, STAMP_LENGTH } from '../disk/file-stamps.js'
import type { StorageLayout } from '../disk/layout.js'

/** Version 1 knew sizes and times of last change alone, so that its files are hashed again. */
const VERSION = 2
const VERSION_WITHOUT_STAMPS = 1

/** Clocks are set right while a machine runs; two starts of a machine lie further apart than this. */
const SAME_BOOT_WITHIN_MS = 30_000

/** What is remembered of a torrent, so that it goes on at once. */
export interface ResumeState {
  /** Pieces that were verified. */
  readonly pieces: Bitfield
  /** By entry index: the files as they were when `pieces` was true of them. */
  readonly stamps: FileStamps
  /** Bytes, over all sessions. */
  readonly uploaded: number
  readonly downloaded: number
  /** Whether the hashes of whole files were verified after the last piece. */
  readonly isWholeVerified: boolean
  /** Whether all data was on the disk for sure; if not, it is trusted until the machine starts again. */
  readonly isSettled: boolean
  /** When the machine started, in ms since 1970. */
  readonly bootTimeMs: number
}

/** The bytes of a resume file (bencoded); with a hundred thousand files they take a while. */
export function* encodeResume(state: ResumeState): Steps<Uint8Array> {
  return yield* encodeBencodeInSteps({
    version: VERSION,
    pieces: state.pieces.bytes,
    'piece count': state.pieces.length,
    stamps: state.stamps.encode(),
    uploaded: state.uploaded,
    downloaded: state.downloaded,
    'whole verified': state.isWholeVerified ? 1 : 0,
    settled: state.isSettled ? 1 : 0,
    'boot time': Math.round(state.bootTimeMs),
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
  const version = root.get('version')?.integer
  if (version !== VERSION && version !== VERSION_WITHOUT_STAMPS) return 'it is of another version'
  const pieces = Bitfield.fromBytes(root.get('pieces')?.string ?? new Uint8Array(0), layout.pieceCount)
  if (pieces === undefined || root.get('piece count')?.integer !== layout.pieceCount) {
    return 'it has another number of pieces'
  }
  const stamps =
    version === VERSION
      ? readStamps(root.get('stamps')?.string, layout.entries.length)
      : FileStamps.missing(layout.entries.length)
  if (stamps === undefined) return 'it has another number of files'
  return {
    pieces,
    stamps,
    uploaded: countOf(root, 'uploaded'),
    downloaded: countOf(root, 'downloaded'),
    isWholeVerified: countOf(root, 'whole verified') === 1,
    isSettled: countOf(root, 'settled') === 1,
    bootTimeMs: countOf(root, 'boot time'),
  }
}

/** When this machine started, in ms since 1970. */
export function machineBootTimeMs(): number {
  return Date.now() - uptime() * 1000
}

/**
 * Whether the state can be believed at all: where data might not have reached the disk, only until the machine
 * starts anew.
 */
export function isTrustworthy(resume: ResumeState, bootTimeMs?: number): boolean {
  if (resume.isSettled) return true
  return Math.abs((bootTimeMs ?? machineBootTimeMs()) - resume.bootTimeMs) <= SAME_BOOT_WITHIN_MS
}

function readStamps(bytes: Uint8Array | undefined, count: number): FileStamps | undefined {
  return bytes?.length === count * STAMP_LENGTH ? FileStamps.decode(bytes) : undefined
}

/** Whether two states say the same, so that the later one need not be written. */
export function isSameState(before: ResumeState, now: ResumeState): boolean {
  return (
    equalBytes(before.pieces.bytes, now.pieces.bytes) &&
    isSameStamps(before.stamps, now.stamps) &&
    before.uploaded === now.uploaded &&
    before.downloaded === now.downloaded &&
    before.isWholeVerified === now.isWholeVerified &&
    before.isSettled === now.isSettled &&
    isTrustworthy(before, now.bootTimeMs)
  )
}

function isSameStamps(before: FileStamps, now: FileStamps): boolean {
  for (let index = 0; index < before.length; index++) {
    if (!isSameStamp(before.at(index), now.at(index))) return false
  }
  return true
}

/** A count that is missing or negative is none. */
function countOf(root: BencodeValue, key: string): number {
  return Math.max(0, root.get(key)?.integer ?? 0)
}
