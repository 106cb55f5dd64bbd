// BEP 52: the file tree of a v2 torrent, each file with content at the beginning of a piece.

import { fromUtf8 } from '../../../base/bytes.js'
import type { Steps } from '../../../base/steps.js'
import { EntryTableBuilder } from '../entry-table-builder.js'
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

/** @throws {MetainfoError} */
export function* readFilesV2(info: Fields, pieceLength: number, warnings: Warnings): Steps<Listing> {
  const tree = info.required('file tree', info.dictionary('file tree'))
  if (tree.has('')) info.fail('file tree', 'invalid-value', 'must not be a file itself')
  const reader = new TreeReader(info, pieceLength, warnings)
  yield* reader.readFolder(tree, [])
  if (reader.entries.length === 0) info.fail('file tree', 'invalid-value', 'must not be empty')
  return { entries: reader.entries, pieceCount: reader.pieceCount }
}

class TreeReader {
  readonly entries = new EntryTableBuilder()
  pieceCount = 0
  #read = 0
  readonly #info: Fields
  readonly #pieceLength: number
  readonly #warnings: Warnings

  constructor(info: Fields, pieceLength: number, warnings: Warnings) {
    this.#info = info
    this.#pieceLength = pieceLength
    this.#warnings = warnings
  }

  /** Recursion is bounded: the scan has refused what is nested deeper than a torrent may be. */
  *readFolder(folder: Fields, path: readonly string[]): Steps<void> {
    for (const [name, value] of folder.value.pairs()) {
      if (path.length >= MAX_PATH_DEPTH) {
        folder.fail('', 'too-large', `is more than ${MAX_PATH_DEPTH} folders deep`)
      }
      const child = folder.under(name, value)
      const childPath = [...path, fromUtf8(name)]
      if (child.has('')) this.#readFile(child, childPath)
      else yield* this.readFolder(child, childPath)
      if (++this.#read % ENTRIES_A_STEP === 0) yield
    }
  }

  #readFile(node: Fields, path: readonly string[]): void {
    if (node.value.entries?.length !== 1) node.fail('', 'invalid-value', 'is a file and a folder at once')
    const fields = node.required('', node.dictionary(''))
    const { isPad, isSymlink, isExecutable } = readAttributes(fields)
    if (isPad) fields.fail('attr', 'invalid-value', 'pads have no place in a file tree')
    const offset = this.pieceCount * this.#pieceLength
    if (isSymlink) {
      const target = readSymlinkTarget(fields, this.#warnings)
      if (target !== undefined) this.entries.add({ type: 'symlink', path, length: 0, offset, target })
      return
    }
    const length = fields.required('length', fields.integer('length'))
    if (length < 0) fields.fail('length', 'invalid-value', `must not be negative, is ${length}`)
    this.pieceCount += Math.ceil(length / this.#pieceLength)
    if (this.pieceCount > MAX_PIECES) {
      const what = `is so short that there are more than ${MAX_PIECES} pieces`
      this.#info.fail('piece length', 'too-large', what)
    }
    const piecesRoot = readPiecesRoot(fields, length)
    const sha256 = readSha256(fields, this.#warnings)
    this.entries.add({ type: 'file', path, length, offset, isExecutable, sha256, piecesRoot })
  }
}

function readPiecesRoot(fields: Fields, length: number): Uint8Array | undefined {
  const root = fields.bytes('pieces root')
  if (length === 0) {
    if (root !== undefined) {
      fields.fail('pieces root', 'invalid-value', 'must not be there for an empty file')
    }
    return undefined
  }
  if (root !== undefined && root.length !== 32) {
    fields.fail('pieces root', 'invalid-value', `must be 32 bytes, is ${root.length}`)
  }
  return fields.required('pieces root', root)
}
