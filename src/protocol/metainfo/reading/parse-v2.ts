// BEP 52: the file tree of a v2 torrent, each file with content at the beginning of a piece.

import { compareBytes } from '../../../base/bytes.js'
import type { Steps } from '../../../base/steps.js'
import { latin1 } from '../../bencode/syntax.js'
import type { BencodeValue } from '../../bencode/value.js'
import { EntryTableBuilder } from '../entry-table-builder.js'
import { BYTES, type Fields, INTEGER } from './fields.js'
import {
  ENTRIES_A_STEP,
  type Listing,
  MAX_PATH_DEPTH,
  MAX_PIECES,
  readAttributes,
  readSha256,
  readSymlinkTarget,
} from './listing.js'
import { nameText } from './true-names.js'

/**
 * Files come in the order of their names as bytes, whatever order the dictionaries have: BEP 52 knows no other, and
 * anacrolix/torrent reads them so (libtorrent refuses such a torrent).
 * @param name the name as it came: a tree of nothing but a file with this name has no folder around it
 * @throws {MetainfoError}
 */
export function* readFilesV2(info: Fields, name: string, pieceLength: number): Steps<Listing> {
  const tree = info.requiredDictionary('file tree')
  if (tree.has('')) info.fail('file tree', 'invalid-value', 'must not be a file itself')
  const reader = new TreeReader(info, pieceLength)
  yield* reader.readFolder(tree, [])
  const { entries, pieceCount } = reader
  if (entries.length === 0) info.fail('file tree', 'invalid-value', 'must not be empty')
  const [only] = entries.view()
  const isFile =
    entries.length === 1 && only?.type === 'file' && only.path.length === 1 && only.path[0] === name
  return { entries, pieceCount, isFolder: !isFile }
}

class TreeReader {
  readonly entries = new EntryTableBuilder()
  pieceCount = 0
  #read = 0
  readonly #info: Fields
  readonly #pieceLength: number
  /** Whether folders must be sorted, and looked through for names that are there twice. */
  readonly #isOdd: boolean

  constructor(info: Fields, pieceLength: number) {
    this.#info = info
    this.#pieceLength = pieceLength
    this.#isOdd = info.value.oddities.some(({ type }) => type !== 'leading-zero')
  }

  /** Recursion is bounded: the scan has refused what is nested deeper than a torrent may be. */
  *readFolder(folder: Fields, path: readonly string[]): Steps<void> {
    for (const [name, value] of this.#isOdd ? sortedPairs(folder) : folder.value.pairs()) {
      if (path.length >= MAX_PATH_DEPTH) {
        folder.fail('', 'too-large', `is more than ${MAX_PATH_DEPTH} folders deep`)
      }
      const child = folder.under(name, value)
      const childPath = [...path, nameText(name)]
      if (child.has('')) this.#readFile(child, childPath)
      else yield* this.readFolder(child, childPath)
      if (++this.#read % ENTRIES_A_STEP === 0) yield
    }
  }

  #readFile(node: Fields, path: readonly string[]): void {
    if (node.value.entries?.length !== 1) node.fail('', 'invalid-value', 'is a file and a folder at once')
    const fields = node.requiredDictionary('')
    const { isPad, isSymlink, isExecutable } = readAttributes(fields)
    if (isPad) fields.fail('attr', 'invalid-value', 'pads have no place in a file tree')
    const offset = this.pieceCount * this.#pieceLength
    if (isSymlink) {
      const target = readSymlinkTarget(fields)
      if (target !== undefined) this.entries.add({ type: 'symlink', path, length: 0, offset, target })
      return
    }
    const length = fields.required('length', INTEGER)
    if (length < 0) fields.fail('length', 'invalid-value', `must not be negative, is ${length}`)
    this.pieceCount += Math.ceil(length / this.#pieceLength)
    if (this.pieceCount > MAX_PIECES) {
      const what = `is so short that there are more than ${MAX_PIECES} pieces`
      this.#info.fail('piece length', 'too-large', what)
    }
    const piecesRoot = readPiecesRoot(fields, length)
    const sha256 = readSha256(fields)
    this.entries.add({ type: 'file', path, length, offset, isExecutable, sha256, piecesRoot })
  }
}

/** @throws {MetainfoError} where a name is there twice: nobody can tell which of both contents is meant */
function sortedPairs(folder: Fields): Iterable<[name: Uint8Array, value: BencodeValue]> {
  const pairs = [...folder.value.pairs()].sort(([a], [b]) => compareBytes(a, b))
  const names = new Set(pairs.map(([name]) => latin1(name)))
  if (names.size < pairs.length) folder.fail('', 'inconsistent', 'has two entries of the same name')
  return pairs
}

/** An empty file has no root; libtorrent 2.0.0 to 2.0.3 wrote one all the same. */
function readPiecesRoot(fields: Fields, length: number): Uint8Array | undefined {
  if (length === 0) {
    if (fields.has('pieces root')) fields.note('pieces root', 'ignored, the file is empty')
    return undefined
  }
  const root = fields.required('pieces root', BYTES)
  if (root.length !== 32) fields.fail('pieces root', 'invalid-value', `must be 32 bytes, is ${root.length}`)
  return root
}
