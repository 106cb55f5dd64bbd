// Reading a torrent: one parser for files, for metadata from peers (BEP 9), and for what a tracker is given.

import { inOneGo, type Steps } from '../../base/steps.js'
import { BencodeError, type BencodeErrorCode } from '../bencode/bencode-error.js'
import { METAINFO_LIMITS } from '../bencode/limits.js'
import { scanBencodeInSteps } from '../bencode/scan.js'
import type { BencodeValue } from '../bencode/value.js'
import { type Digests, SHA1_LENGTH } from '../digests.js'
import { BLOCK_LENGTH, type EntryList, type Info, type Metainfo, type TorrentVersion } from './metainfo.js'
import { MetainfoError } from './metainfo-error.js'
import { readPieceLayers } from './piece-layers.js'
import { readAnnouncement } from './reading/announcement.js'
import { Fields } from './reading/fields.js'
import { joinHybrid } from './reading/hybrid.js'
import type { Listing } from './reading/listing.js'
import { readFilesV1 } from './reading/parse-v1.js'
import { readFilesV2 } from './reading/parse-v2.js'
import { safeEntries } from './reading/safe-entries.js'
import { safeName } from './reading/safe-names.js'
import { Warnings } from './reading/warnings.js'

/** A piece is held in memory as a whole. */
const MAX_READ_PIECE_LENGTH = 512 * 2 ** 20

const NO_LAYERS: ReadonlyMap<string, Uint8Array> = new Map()

const LIMITS_EXCEEDED: readonly BencodeErrorCode[] = ['too-large', 'too-deep', 'too-many-values']

/**
 * Reads a .torrent (BEP 3, 12, 19, 27, 47, 52). Hashes and `infoBytes` are views into `bytes`.
 * @throws {MetainfoError}
 */
export function parseMetainfo(bytes: Uint8Array, digests: Digests): Metainfo {
  return inOneGo(parseMetainfoInSteps(bytes, digests))
}

/** As `parseMetainfo`: to prove the layers of a million pieces takes a second. */
export function* parseMetainfoInSteps(bytes: Uint8Array, digests: Digests): Steps<Metainfo> {
  const root = yield* scan(bytes)
  const document = Fields.root(root)
  const warnings = new Warnings()
  const info = yield* readInfo(document.required('info', document.dictionary('info')), digests, warnings)
  checkKeyOrder(root, info.version, warnings)
  const { trackers, webSeeds, comment, createdBy, creationDate } = readAnnouncement(root, warnings)
  const pieceLayers =
    info.version === 'v1' ? NO_LAYERS : yield* readPieceLayers(document, info, digests, warnings)
  // Not spread a second time: each torrent would get a hidden class of its own, larger than what it holds.
  return {
    ...info,
    trackers,
    webSeeds,
    comment,
    createdBy,
    creationDate,
    pieceLayers,
    warnings: warnings.lines,
  }
}

/**
 * Reads an info dictionary alone, as peers give it (BEP 9).
 * @throws {MetainfoError}
 */
export function parseInfo(infoBytes: Uint8Array, digests: Digests): Info {
  const root = inOneGo(scan(infoBytes))
  const info = inOneGo(readInfo(Fields.root(root, 'info'), digests, new Warnings()))
  checkKeyOrder(root, info.version, new Warnings())
  return info
}

function* scan(bytes: Uint8Array): Steps<BencodeValue> {
  try {
    return yield* scanBencodeInSteps(bytes, METAINFO_LIMITS)
  } catch (thrown) {
    if (!(thrown instanceof BencodeError)) throw thrown
    const code = LIMITS_EXCEEDED.includes(thrown.code) ? 'too-large' : 'malformed'
    throw new MetainfoError(code, thrown.message, { key: thrown.facts.key }, { cause: thrown })
  }
}

/** The wild has v1 torrents with keys out of order; BEP 52 has none. */
function checkKeyOrder(root: BencodeValue, version: TorrentVersion, warnings: Warnings): void {
  const unsorted = root.unsortedKey
  if (unsorted === undefined) return
  if (version !== 'v1') throw MetainfoError.at(unsorted.key, 'invalid-value', 'stands out of order')
  warnings.add(`${unsorted.key}: stands out of order`)
}

function* readInfo(info: Fields, digests: Digests, warnings: Warnings): Steps<Info> {
  const version = readVersion(info)
  const pieceLength = readPieceLength(info, version)
  const rawName = readName(info)
  const name = safeName(rawName)

  const listing = yield* readListing(info, version, rawName, pieceLength, warnings)
  const isFolder = version === 'v2' ? !isSingleFile(listing, rawName) : info.has('files')
  const entries = yield* safeEntries(listing.entries.view(), isFolder ? undefined : name, warnings)
  const size = sizeOfFiles(entries) ?? info.fail('', 'invalid-value', 'holds no file')
  const infoBytes = info.value.raw
  return {
    version,
    infoHashV1: version === 'v2' ? undefined : digests.sha1(infoBytes),
    infoHashV2: version === 'v1' ? undefined : digests.sha256(infoBytes),
    infoBytes,
    name,
    isFolder,
    pieceLength,
    pieceCount: listing.pieceCount,
    entries,
    size,
    pieces: version === 'v2' ? undefined : readPieces(info, listing),
    isPrivate: (info.integer('private') ?? 0) !== 0,
    source: info.text('source'),
  }
}

/** BEP 52 wants the version looked at before all else: what is newer may be anything. */
function readVersion(info: Fields): TorrentVersion {
  const version = info.integer('meta version') ?? 1
  if (version > 2)
    info.fail('meta version', 'unsupported-version', `${version} is newer than what is known here (2)`)
  if (version < 2) {
    if (info.has('file tree')) info.fail('meta version', 'missing-key', 'must be 2 beside a file tree')
    return 'v1'
  }
  return ['pieces', 'files', 'length'].some(key => info.has(key)) ? 'hybrid' : 'v2'
}

function readPieceLength(info: Fields, version: TorrentVersion): number {
  const key = 'piece length'
  const pieceLength = info.required(key, info.integer(key))
  const isPowerOfTwo = Number.isInteger(Math.log2(pieceLength))
  if (pieceLength < 1) info.fail(key, 'invalid-value', `must be positive, is ${pieceLength}`)
  if (pieceLength > MAX_READ_PIECE_LENGTH) {
    info.fail(key, 'too-large', `must be at most ${MAX_READ_PIECE_LENGTH}, is ${pieceLength}`)
  }
  if (version !== 'v1' && !isPowerOfTwo) {
    info.fail(key, 'invalid-value', `must be a power of two, is ${pieceLength}`)
  }
  if (version !== 'v1' && pieceLength < BLOCK_LENGTH) {
    info.fail(key, 'invalid-value', `must be at least ${BLOCK_LENGTH}, is ${pieceLength}`)
  }
  return pieceLength
}

/** Undefined where there is none. */
function sizeOfFiles(entries: EntryList): number | undefined {
  let size: number | undefined
  for (const entry of entries) if (entry.type === 'file') size = (size ?? 0) + entry.length
  return size
}

function* readListing(
  info: Fields,
  version: TorrentVersion,
  rawName: string,
  pieceLength: number,
  warnings: Warnings,
): Steps<Listing> {
  const v1 = () => readFilesV1(info, rawName, pieceLength, warnings)
  const v2 = () => readFilesV2(info, pieceLength, warnings)
  switch (version) {
    case 'v1':
      return yield* v1()
    case 'v2':
      return yield* v2()
    case 'hybrid':
      return yield* joinHybrid(info, yield* v1(), yield* v2())
  }
}

/** Where `name.utf-8` stands as well, it is the one whose encoding is known. */
function readName(info: Fields): string {
  return info.text('name.utf-8') ?? info.required('name', info.text('name'))
}

function readPieces(info: Fields, { pieceCount }: Listing): Uint8Array {
  const pieces = info.required('pieces', info.bytes('pieces'))
  if (pieces.length !== pieceCount * SHA1_LENGTH) {
    const expected = `must be ${pieceCount * SHA1_LENGTH} bytes for ${pieceCount} pieces`
    info.fail('pieces', 'inconsistent', `${expected}, is ${pieces.length}`)
  }
  return pieces
}

/** A tree of nothing but a file with the torrent's own name has no folder around it. */
function isSingleFile({ entries }: Listing, rawName: string): boolean {
  const [only] = entries.view()
  return entries.length === 1 && only?.type === 'file' && only.path.length === 1 && only.path[0] === rawName
}
