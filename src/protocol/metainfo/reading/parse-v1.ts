// BEP 3 and BEP 47: the files of a v1 torrent, one after the other without gaps, pads as files of zeros.

import type { Steps } from '../../../base/steps.js'
import { padPath } from '../entry-table.js'
import { EntryTableBuilder } from '../entry-table-builder.js'
import type { ContentEntry } from '../metainfo.js'
import type { Fields } from './fields.js'
import {
  ENTRIES_A_STEP,
  type Listing,
  MAX_PATH_DEPTH,
  MAX_PIECES,
  readAttributes,
  readSha256,
  readSymlinkTarget,
} from './listing.js'
import type { Warnings } from './warnings.js'

/** Old versions of BitComet mark pads by this name alone. */
const BITCOMET_PAD = '_____padding_file_'

/**
 * @param name the name as it came, which is the path of a single file
 * @throws {MetainfoError}
 */
export function* readFilesV1(
  info: Fields,
  name: string,
  pieceLength: number,
  warnings: Warnings,
): Steps<Listing> {
  const list = info.list('files')
  if (list === undefined) return readSingleFile(info, name, pieceLength, warnings)
  if (list.length === 0) info.fail('files', 'invalid-value', 'must not be empty')
  if (info.has('length')) info.fail('length', 'inconsistent', 'must not stand beside files')

  const entries = new EntryTableBuilder()
  let offset = 0
  for (const [i, value] of list.entries()) {
    const fields = info.under('files', value, i)
    const entry = readEntry(fields, offset, warnings)
    if (i % ENTRIES_A_STEP === ENTRIES_A_STEP - 1) yield
    if (entry === undefined) continue
    entries.add(entry)
    offset += entry.length
    if (offset > MAX_PIECES * pieceLength) tooManyPieces(info)
  }
  return { entries, pieceCount: Math.ceil(offset / pieceLength) }
}

function readSingleFile(info: Fields, name: string, pieceLength: number, warnings: Warnings): Listing {
  const length = readLength(info)
  if (length > MAX_PIECES * pieceLength) tooManyPieces(info)
  const { isExecutable } = readAttributes(info)
  const sha256 = readSha256(info, warnings)
  const entries = new EntryTableBuilder()
  entries.add({ type: 'file', path: [name], length, offset: 0, isExecutable, sha256, piecesRoot: undefined })
  return { entries, pieceCount: Math.ceil(length / pieceLength) }
}

function readEntry(fields: Fields, offset: number, warnings: Warnings): ContentEntry | undefined {
  const { isPad, isSymlink, isExecutable } = readAttributes(fields)
  if (isSymlink) {
    const target = readSymlinkTarget(fields, warnings)
    return target && { type: 'symlink', path: readPath(fields), length: 0, offset, target }
  }
  const length = readLength(fields)
  const pad: ContentEntry = { type: 'pad', path: padPath(length), length, offset }
  if (isPad) return pad
  const path = readPath(fields)
  if (isPadByName(path, length)) return pad
  const sha256 = readSha256(fields, warnings)
  return { type: 'file', path, length, offset, isExecutable, sha256, piecesRoot: undefined }
}

function readLength(fields: Fields): number {
  const length = fields.required('length', fields.integer('length'))
  if (length < 0) fields.fail('length', 'invalid-value', `must not be negative, is ${length}`)
  return length
}

/** Where `path.utf-8` stands as well, it is the one whose encoding is known. */
function readPath(fields: Fields): string[] {
  const key = fields.has('path.utf-8') ? 'path.utf-8' : 'path'
  const path = fields.required(key, fields.texts(key))
  if (path.length === 0) fields.fail(key, 'invalid-value', 'must not be empty')
  if (path.length > MAX_PATH_DEPTH) {
    fields.fail(key, 'too-large', `is ${path.length} folders deep, more than ${MAX_PATH_DEPTH}`)
  }
  return path
}

function isPadByName(path: readonly string[], length: number): boolean {
  const [first, second] = path
  if (path.length === 2 && first === '.pad' && second === String(length)) return true
  return path.at(-1)?.startsWith(BITCOMET_PAD) ?? false
}

function tooManyPieces(info: Fields): never {
  info.fail('piece length', 'too-large', `is so short that there are more than ${MAX_PIECES} pieces`)
}
