// BEP 52: the file tree of a v2 torrent, each file with content at the beginning of a piece.

import { equalBytes } from '../../../base/bytes.js'
import { BYTES, type Fields, INTEGER } from './fields.js'
import {
  ENTRIES_A_STEP,
  MAX_PATH_DEPTH,
  MAX_PIECES,
  readAttributes,
  readSha256,
  readSymlinkTarget,
} from './listing.js'
import type { RawEntries, RawEntry, RawPath } from './raw-entry.js'
import { nameText } from './true-names.js'

/**
 * Yields files in the order of their names as bytes, whatever the order of the dictionaries: BEP 52 has no other, and
 * anacrolix/torrent reads them this way (libtorrent refuses unsorted ones).
 * @param name the name as it came: a tree of nothing but a file with this name has no folder around it
 * @throws {MetainfoError}
 */
export function* readFilesV2(info: Fields, name: Uint8Array, pieceLength: number): RawEntries {
  const tree = info.requiredDictionary('file tree')
  if (tree.has('')) info.fail('file tree', 'invalid-value', 'must not be a file itself')
  const reader = new TreeReader(info, pieceLength)
  let count = 0
  let first: RawEntry | undefined
  for (const entry of reader.readFolder(tree, [])) {
    if (entry !== undefined) {
      first ??= entry
      count++
    }
    yield entry
  }
  if (first === undefined) info.fail('file tree', 'invalid-value', 'must not be empty')
  const only = count === 1 && first.type === 'file' ? first.path : []
  const isFile = only.length === 1 && only[0] !== undefined && nameText(only[0]) === nameText(name)
  return { pieceCount: reader.pieceCount, isFolder: !isFile }
}

class TreeReader {
  pieceCount = 0
  #read = 0
  readonly #info: Fields
  readonly #pieceLength: number
  /** True if folders must be sorted, and searched for duplicate names. */
  readonly #isOdd: boolean

  constructor(info: Fields, pieceLength: number) {
    this.#info = info
    this.#pieceLength = pieceLength
    this.#isOdd = info.value.oddities.some(({ type }) => type !== 'leading-zero')
  }

  /** Recursion is bounded: the scan has refused what is nested deeper than a torrent may be. */
  *readFolder(folder: Fields, path: RawPath): Generator<RawEntry | undefined, void, undefined> {
    let previous: Uint8Array | undefined
    for (const [name, value] of this.#isOdd ? folder.value.sortedPairs() : folder.value.pairs()) {
      if (path.length >= MAX_PATH_DEPTH) {
        folder.fail('', 'too-large', `is more than ${MAX_PATH_DEPTH} folders deep`)
      }
      // There is no telling which of the two contents is meant.
      if (this.#isOdd && previous !== undefined && equalBytes(name, previous)) {
        folder.fail('', 'inconsistent', 'has two entries of the same name')
      }
      previous = name
      const child = folder.under(name, value)
      const childPath = [...path, name]
      if (child.has('')) {
        const entry = this.#readFile(child, childPath)
        if (entry !== undefined) yield entry
      } else yield* this.readFolder(child, childPath)
      if (++this.#read % ENTRIES_A_STEP === 0) yield
    }
  }

  /** Undefined for a symlink that leads nowhere. */
  #readFile(node: Fields, path: RawPath): RawEntry | undefined {
    if (node.value.childCount !== 1) node.fail('', 'invalid-value', 'is a file and a folder at once')
    const fields = node.requiredDictionary('')
    const { isPad, isSymlink, isExecutable } = readAttributes(fields)
    if (isPad) fields.fail('attr', 'invalid-value', 'pads have no place in a file tree')
    const offset = this.pieceCount * this.#pieceLength
    if (isSymlink) {
      const target = readSymlinkTarget(fields)
      return target && { type: 'symlink', path, length: 0, offset, target }
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
    return { type: 'file', path, length, offset, isExecutable, sha256, piecesRoot }
  }
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
