// Reading a torrent: one parser for files, for metadata from peers (BEP 9), and for what a tracker is given.

import { inOneGo, type Steps } from '../../base/steps.js'
import { BencodeError, type BencodeErrorCode } from '../bencode/bencode-error.js'
import { METAINFO_LIMITS } from '../bencode/limits.js'
import { scanBencodeInSteps } from '../bencode/scan.js'
import { MINUS } from '../bencode/syntax.js'
import type { BencodeValue } from '../bencode/value.js'
import { type Digests, digestInSteps, SHA1_LENGTH } from '../digests.js'
import { NO_BYTES } from './entry-table.js'
import { tableOf } from './entry-table-builder.js'
import {
  BLOCK_LENGTH,
  type EntryList,
  type Info,
  type LongTexts,
  MAX_NAME_BYTES,
  MAX_TEXT_BYTES,
  type Metainfo,
  type TorrentVersion,
} from './metainfo.js'
import { MetainfoError } from './metainfo-error.js'
import { readPieceLayers } from './piece-layers.js'
import type { PlacedEntries } from './placed-entries.js'
import { type Announcement, readAnnouncement } from './reading/announcement.js'
import { BYTES, Fields, INTEGER, TEXT } from './reading/fields.js'
import { joinHybrid } from './reading/hybrid.js'
import { ENTRIES_A_STEP } from './reading/listing.js'
import { readFilesV1 } from './reading/parse-v1.js'
import { readFilesV2 } from './reading/parse-v2.js'
import type { RawEntries } from './reading/raw-entry.js'
import { safeEntries } from './reading/safe-entries.js'
import { harmlessName, nameText } from './reading/true-names.js'
import { noteOddities, Warnings } from './reading/warnings.js'

/** Each takes more than two: a dictionary, a length and a path or a type. */
const VALUES_AN_ENTRY = 2

/** Entries, and bytes of their paths, that are packed at once. */
const MAX_PACKED = 2 ** 16
const MAX_PACKED_PATHS = 4 * 2 ** 20

/** A piece is held in memory as a whole. */
const MAX_READ_PIECE_LENGTH = 512 * 2 ** 20

const NO_LAYERS: ReadonlyMap<string, Uint8Array> = new Map()

const NO_ANNOUNCEMENT: Announcement = {
  trackers: [],
  webSeeds: [],
  nodes: [],
  comment: undefined,
  createdBy: undefined,
  creationDate: undefined,
  longTexts: {},
}

const LIMITS_EXCEEDED: readonly BencodeErrorCode[] = ['too-large', 'too-deep', 'too-many-values']

/**
 * Reads a .torrent (BEP 3, 5, 12, 19, 27, 47, 52). Hashes and `infoBytes` are views into `bytes`.
 * @throws {MetainfoError}
 */
export function parseMetainfo(bytes: Uint8Array, digests: Digests): Metainfo {
  return inOneGo(parseMetainfoInSteps(bytes, digests))
}

/** Trackers and web seeds that a magnet link names. */
type LinkedAddresses = Pick<Announcement, 'trackers' | 'webSeeds'>

/**
 * As `parseMetainfo`: to prove the layers of a million pieces takes a second.
 * @param linked in place of those that it names
 */
export function* parseMetainfoInSteps(
  bytes: Uint8Array,
  digests: Digests,
  linked?: LinkedAddresses,
): Steps<Metainfo> {
  const root = yield* scan(bytes)
  const warnings = new Warnings()
  noteOddities(root, warnings)
  const document = Fields.root(root, warnings)
  const info = yield* readInfo(document.requiredDictionary('info'), digests, warnings)
  if (document.has('private')) document.warn('private', 'ignored, counts only in info (BEP 27)')
  const announcement = { ...readAnnouncement(document), ...linked }
  const pieceLayers = info.version === 'v1' ? NO_LAYERS : yield* readPieceLayers(document, info, digests)
  return metainfoOf(info, announcement, pieceLayers, warnings)
}

/**
 * Reads an info dictionary alone, as peers give it (BEP 9): such a torrent gets its piece layers from peers, and its trackers and web
 * seeds are those of the magnet link. Hashes and `infoBytes` are views into `infoBytes`.
 * @throws {MetainfoError}
 */
export function* parseInfoInSteps(
  infoBytes: Uint8Array,
  digests: Digests,
  { trackers, webSeeds }: LinkedAddresses = NO_ANNOUNCEMENT,
): Steps<Metainfo> {
  const root = yield* scan(infoBytes)
  const warnings = new Warnings()
  const info = yield* readInfo(Fields.root(root, warnings, 'info'), digests, warnings)
  return metainfoOf(info, { ...NO_ANNOUNCEMENT, trackers, webSeeds }, NO_LAYERS, warnings)
}

/** Not spread: each torrent would get a hidden class of its own, larger than what it holds. */
function metainfoOf(
  info: Info,
  announcement: Announcement,
  pieceLayers: ReadonlyMap<string, Uint8Array>,
  warnings: Warnings,
): Metainfo {
  return {
    version: info.version,
    infoHashV1: info.infoHashV1,
    infoHashV2: info.infoHashV2,
    infoBytes: info.infoBytes,
    name: info.name,
    isFolder: info.isFolder,
    pieceLength: info.pieceLength,
    pieceCount: info.pieceCount,
    entries: info.entries,
    size: info.size,
    pieces: info.pieces,
    isPrivate: info.isPrivate,
    source: info.source,
    trackers: announcement.trackers,
    webSeeds: announcement.webSeeds,
    nodes: announcement.nodes,
    comment: announcement.comment,
    createdBy: announcement.createdBy,
    creationDate: announcement.creationDate,
    pieceLayers,
    longTexts: unlessEmpty({ ...info.longTexts, ...announcement.longTexts }),
    warnings: warnings.lines,
    oddities: warnings.oddities,
  }
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

function* readInfo(info: Fields, digests: Digests, warnings: Warnings): Steps<Info> {
  const version = readVersion(info)
  const pieceLength = readPieceLength(info, version)
  const rawName = readName(info)

  const infoBytes = info.value.raw
  const infoHashV1 = version === 'v2' ? undefined : yield* digestInSteps(digests, 'sha1', infoBytes)
  const infoHashV2 = version === 'v1' ? undefined : yield* digestInSteps(digests, 'sha256', infoBytes)
  const listing = yield* safeEntries(readEntries(info, version, rawName, pieceLength), {
    bytes: info.value.documentBytes,
    capacity: Math.ceil(info.value.valueCount / VALUES_AN_ENTRY),
    key: infoHashV1 ?? infoHashV2 ?? NO_BYTES,
    warnings,
  })
  const { isFolder, pieceCount } = listing
  const size = (yield* sizeOfFiles(listing.entries)) ?? info.fail('', 'invalid-value', 'holds no file')
  return {
    version,
    infoHashV1,
    infoHashV2,
    infoBytes,
    name: harmlessName(nameText(rawName)),
    isFolder,
    pieceLength,
    pieceCount,
    entries: packedUnlessMany(listing.entries),
    size,
    pieces: version === 'v2' ? undefined : readPieces(info, listing),
    isPrivate: readPrivate(info),
    source: info.optional('source', TEXT),
    longTexts: longTextsOf(info),
  }
}

/** The whole of those texts of `info` that are cut. */
function longTextsOf({ value }: Fields): LongTexts | undefined {
  const name = [value.get('name.utf-8')?.string, value.get('name')?.string].find(text => text?.length)
  const source = value.get('source')?.string
  return unlessEmpty({
    ...(name !== undefined && name.length > MAX_NAME_BYTES ? { name } : {}),
    ...(source !== undefined && source.length > MAX_TEXT_BYTES ? { source } : {}),
  })
}

function unlessEmpty(texts: LongTexts): LongTexts | undefined {
  return Object.keys(texts).length === 0 ? undefined : texts
}

/**
 * BEP 52 wants the version looked at before all else: what is newer may be anything. As in libtorrent, a version that is
 * no integer counts as absent. A v1 half of which a part is missing cannot be used by anybody, and is passed over.
 */
function readVersion(info: Fields): TorrentVersion {
  const version = readMetaVersion(info)
  if (version > 2) {
    info.fail('meta version', 'unsupported-version', `${version} is newer than what is known here (2)`)
  }
  const { value } = info
  if (version < 2) {
    const tree = value.get('file tree')
    if (tree?.type === 'dictionary') info.fail('meta version', 'missing-key', 'must be 2 beside a file tree')
    if (tree !== undefined) info.note('file tree', 'ignored, must be a dictionary')
    return 'v1'
  }
  const hasFiles = value.get('files')?.type === 'list' || value.get('length')?.type === 'integer'
  if (hasFiles && value.get('pieces')?.type === 'string') return 'hybrid'
  if (['pieces', 'files', 'length'].some(key => info.has(key))) {
    info.warn('', 'the keys of v1 are ignored, as some are missing or of a wrong type')
  }
  return 'v2'
}

function readMetaVersion(info: Fields): number {
  const key = 'meta version'
  const value = info.value.get(key)
  const isHuge = value?.type === 'integer' && value.integer === undefined && value.raw[1] !== MINUS
  return isHuge ? Number.POSITIVE_INFINITY : (info.optional(key, INTEGER) ?? 1)
}

/**
 * BEP 27. Any integer but 0 is yes. Other types are wrong, and clients based on libtorrent take them for no. But a publisher
 * that writes the string `1` or `true` means it, and a torrent that is wrongly private only finds fewer peers, while one that is
 * wrongly public is spread beyond its trackers. So only a value that clearly says no is no.
 */
function readPrivate(info: Fields): boolean {
  const value = info.value.get('private')
  if (value === undefined) return false
  if (value.type === 'integer') return value.integer !== 0
  const isNo = value.type === 'string' && value.raw.length <= 16 && /^(|0|no|false)$/i.test(value.text ?? '')
  info.warn('private', `must be an integer, is taken for ${isNo ? 'no' : 'yes'}`)
  return !isNo
}

function readPieceLength(info: Fields, version: TorrentVersion): number {
  const key = 'piece length'
  const pieceLength = info.required(key, INTEGER)
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
function* sizeOfFiles(entries: EntryList): Steps<number | undefined> {
  let size: number | undefined
  let count = 0
  for (const entry of entries) {
    if (entry.type === 'file') size = (size ?? 0) + entry.length
    if (++count % ENTRIES_A_STEP === 0) yield
  }
  return size
}

function readEntries(
  info: Fields,
  version: TorrentVersion,
  rawName: Uint8Array,
  pieceLength: number,
): RawEntries {
  const v1 = () => readFilesV1(info, rawName, pieceLength)
  const v2 = () => readFilesV2(info, rawName, pieceLength)
  switch (version) {
    case 'v1':
      return v1()
    case 'v2':
      return v2()
    case 'hybrid':
      return joinHybrid(info, v1(), v2())
  }
}

/** Packed as workers need them, unless there are too many to copy; then they are packed on demand. */
function packedUnlessMany(entries: PlacedEntries): EntryList {
  return entries.length > MAX_PACKED || entries.pathsLength > MAX_PACKED_PATHS ? entries : tableOf(entries)
}

/** Prefers `name.utf-8`, whose encoding is known. */
function readName(info: Fields): Uint8Array {
  const inUtf8 = info.optional('name.utf-8', BYTES)
  return inUtf8 === undefined || inUtf8.length === 0 ? info.required('name', BYTES) : inUtf8
}

function readPieces(info: Fields, { pieceCount }: Pick<Info, 'pieceCount'>): Uint8Array {
  const pieces = info.required('pieces', BYTES)
  if (pieces.length !== pieceCount * SHA1_LENGTH) {
    const expected = `must be ${pieceCount * SHA1_LENGTH} bytes for ${pieceCount} pieces`
    info.fail('pieces', 'inconsistent', `${expected}, is ${pieces.length}`)
  }
  return pieces
}
