// BEP 3 and BEP 47: the files of a v1 torrent, one after the other without gaps, pads as files of zeros.

import { equalBytes, fromUtf8, toUtf8 } from '../../../base/bytes.js'
import { type Fields, INTEGER, LIST, RAW_NAMES } from './fields.js'
import {
  ENTRIES_A_STEP,
  MAX_PATH_DEPTH,
  MAX_PIECES,
  readAttributes,
  readSha256,
  readSymlinkTarget,
} from './listing.js'
import type { Listing, RawEntries, RawEntry, RawPath } from './raw-entry.js'

/** Old versions of BitComet mark pads by this name alone. */
const BITCOMET_PAD = toUtf8('_____padding_file_')

/**
 * Of `files` and `length` beside each other `files` counts, as in libtorrent and Transmission; one that is empty or no list
 * is passed over where there is a `length`.
 * @param name the name as it came, which is the path of a single file
 * @throws {MetainfoError}
 */
export function* readFilesV1(info: Fields, name: Uint8Array, pieceLength: number): RawEntries {
  const isFile = !info.has('files') || info.value.get('length')?.integer !== undefined
  const list = isFile ? info.optional('files', LIST) : info.required('files', LIST)
  const isEmpty = list === undefined || list.valueCount === 1
  if (isFile && isEmpty) {
    if (list !== undefined) info.warn('files', 'ignored beside length, is empty')
    return yield* readSingleFile(info, name, pieceLength)
  }
  if (list === undefined || isEmpty) info.fail('files', 'invalid-value', 'must not be empty')
  if (info.has('length')) info.warn('length', 'ignored beside files')

  let offset = 0
  let i = 0
  for (const value of list.children()) {
    const entry = readEntry(info.under('files', value, i), offset)
    if (++i % ENTRIES_A_STEP === 0) yield
    if (entry === undefined) continue
    yield entry
    offset += entry.length
    if (offset > MAX_PIECES * pieceLength) tooManyPieces(info)
  }
  return { pieceCount: Math.ceil(offset / pieceLength), isFolder: true }
}

function* readSingleFile(
  info: Fields,
  name: Uint8Array,
  pieceLength: number,
): Generator<RawEntry, Listing, undefined> {
  const length = readLength(info)
  if (length > MAX_PIECES * pieceLength) tooManyPieces(info)
  const { isExecutable } = readAttributes(info)
  const sha256 = readSha256(info)
  yield { type: 'file', path: [name], length, offset: 0, isExecutable, sha256, piecesRoot: undefined }
  return { pieceCount: Math.ceil(length / pieceLength), isFolder: false }
}

function readEntry(fields: Fields, offset: number): RawEntry | undefined {
  const { isPad, isSymlink, isExecutable } = readAttributes(fields)
  if (isSymlink) {
    const target = readSymlinkTarget(fields)
    return target && { type: 'symlink', path: readPath(fields), length: 0, offset, target }
  }
  const length = readLength(fields)
  const pad: RawEntry = { type: 'pad', length, offset }
  if (isPad) return pad
  const path = readPath(fields)
  if (isPadByName(path, length)) return pad
  const sha256 = readSha256(fields)
  return { type: 'file', path, length, offset, isExecutable, sha256, piecesRoot: undefined }
}

function readLength(fields: Fields): number {
  const length = fields.required('length', INTEGER)
  if (length < 0) fields.fail('length', 'invalid-value', `must not be negative, is ${length}`)
  return length
}

/** Prefers `path.utf-8`, whose encoding is known. */
function readPath(fields: Fields): RawPath {
  const inUtf8 = fields.optional('path.utf-8', RAW_NAMES)
  const key = inUtf8 === undefined || inUtf8.length === 0 ? 'path' : 'path.utf-8'
  const path = key === 'path.utf-8' && inUtf8 !== undefined ? inUtf8 : fields.required('path', RAW_NAMES)
  if (path.length === 0) fields.fail(key, 'invalid-value', 'must not be empty')
  if (path.length > MAX_PATH_DEPTH) {
    fields.fail(key, 'too-large', `is ${path.length} folders deep, more than ${MAX_PATH_DEPTH}`)
  }
  return path
}

function isPadByName(path: RawPath, length: number): boolean {
  const [first, second] = path
  if (path.length === 2 && first?.length === 4 && second !== undefined && second.length <= 16) {
    if (fromUtf8(first) === '.pad' && fromUtf8(second) === String(length)) return true
  }
  const last = path.at(-1)
  return last !== undefined && equalBytes(last.subarray(0, BITCOMET_PAD.length), BITCOMET_PAD)
}

function tooManyPieces(info: Fields): never {
  info.fail('piece length', 'too-large', `is so short that there are more than ${MAX_PIECES} pieces`)
}
