// The first half of making a torrent: in what order the files stand and where each begins. BEP 52 gives the order
// of the file tree and, for hybrids, the pads; v1 torrents are laid out in the same order, so that the same files
// always make the same torrent.

import { compareAsUtf8 } from '../../base/bytes.js'
import type { Steps } from '../../base/steps.js'
import { METAINFO_LIMITS } from '../bencode/limits.js'
import { BLOCK_LENGTH, type ContentEntry, type TorrentVersion } from './metainfo.js'
import { MetainfoError } from './metainfo-error.js'
import { MAX_PIECE_LENGTH } from './piece-length.js'
import { MAX_PATH_DEPTH, MAX_PIECES } from './reading/listing.js'

/** A file or a symlink that goes into a torrent; `path` is counted from the content's folder. */
export type SourceFile =
  | {
      readonly type: 'file'
      readonly path: readonly string[]
      readonly length: number
      readonly isExecutable: boolean
    }
  | {
      readonly type: 'symlink'
      readonly path: readonly string[]
      /** Counted from the content's folder. */
      readonly target: readonly string[]
    }

export interface ContentOptions {
  /** Of the file, or of the content's folder. */
  readonly name: string
  /** False for a torrent of one file, which then takes `name` whatever its path. */
  readonly isFolder: boolean
  readonly version: TorrentVersion
  /** Up to 64 MiB; for v2 and hybrid a power of two of at least 16 KiB. */
  readonly pieceLength: number
  readonly isPrivate?: boolean
  readonly source?: string | undefined
  readonly files: readonly SourceFile[]
}

/** A torrent before its content is hashed. It suffices to make a `PieceMap`. */
export interface ContentPlan {
  readonly name: string
  readonly isFolder: boolean
  readonly version: TorrentVersion
  readonly pieceLength: number
  readonly pieceCount: number
  /** In the order of the space of pieces, hashes still missing; paths as they were given. */
  readonly entries: readonly ContentEntry[]
  /** For each entry its place in `ContentOptions.files`; undefined for a pad. */
  readonly sourceIndexOfEntry: readonly (number | undefined)[]
  readonly isPrivate: boolean
  readonly source: string | undefined
}

/** Levels of bencoding above a file tree and in each of its files: document, info, tree, and the file's own. */
const LEVELS_AROUND_PATH = 4

/** Some milliseconds of work. */
const FILES_A_STEP = 8_192

/**
 * Lays out the files of a torrent that is to be made; in steps, since 100,000 files take some hundred milliseconds.
 * @throws {MetainfoError} where they can make none: no file, too many pieces, paths that exclude each other
 */
export function* planContentInSteps(options: ContentOptions): Steps<ContentPlan> {
  const { name, isFolder, version, pieceLength, files } = options
  checkPieceLength(version, pieceLength)
  checkComponent(['name'], name)
  if (!files.some(file => file.type === 'file')) {
    throw MetainfoError.at('files', 'invalid-value', 'there is none')
  }
  if (!isFolder && (files.length !== 1 || files[0]?.type !== 'file')) {
    throw MetainfoError.at('files', 'invalid-value', 'must be one file where there is no folder')
  }

  const [only] = files
  if (
    version === 'v2' &&
    isFolder &&
    files.length === 1 &&
    only?.path.length === 1 &&
    only.path[0] === name
  ) {
    const what = 'a folder of one file that bears its name cannot be told from that file in v2'
    throw MetainfoError.at('files', 'invalid-value', what)
  }

  const sorted = yield* sortedAsTree(files, version)
  const layout = new Layout(version, pieceLength)
  for (const [i, { file, sourceIndex }] of sorted.entries()) {
    if (i % FILES_A_STEP === FILES_A_STEP - 1) yield
    layout.add(isFolder ? file : { ...file, path: [name] }, sourceIndex)
    // As BEP 52's reference and libtorrent have it: behind the last file as well, but not in a torrent of one.
    if (version === 'hybrid' && files.length > 1) layout.pad()
  }
  if (layout.pieceCount > MAX_PIECES) {
    const what = `is so short that there are more than ${MAX_PIECES} pieces`
    throw MetainfoError.at('piece length', 'too-large', what)
  }
  return {
    name,
    isFolder,
    version,
    pieceLength,
    pieceCount: layout.pieceCount,
    entries: layout.entries,
    sourceIndexOfEntry: layout.sourceIndexOfEntry,
    isPrivate: options.isPrivate ?? false,
    source: options.source,
  }
}

/** Puts entries one behind the other. */
class Layout {
  readonly entries: ContentEntry[] = []
  readonly sourceIndexOfEntry: (number | undefined)[] = []
  readonly #isV2Only: boolean
  readonly #pieceLength: number
  #end = 0

  constructor(version: TorrentVersion, pieceLength: number) {
    this.#isV2Only = version === 'v2'
    this.#pieceLength = pieceLength
  }

  get pieceCount(): number {
    return Math.ceil(this.#end / this.#pieceLength)
  }

  add(file: SourceFile, sourceIndex: number): void {
    if (this.#isV2Only) this.#end = this.pieceCount * this.#pieceLength
    const offset = this.#end
    this.sourceIndexOfEntry.push(sourceIndex)
    if (file.type === 'symlink') {
      this.entries.push({ type: 'symlink', path: file.path, length: 0, offset, target: file.target })
      return
    }
    const { path, length, isExecutable } = file
    this.entries.push({
      type: 'file',
      path,
      length,
      offset,
      isExecutable,
      sha256: undefined,
      piecesRoot: undefined,
    })
    this.#end += length
  }

  /** Fills the piece that is begun (BEP 47). */
  pad(): void {
    const length = this.pieceCount * this.#pieceLength - this.#end
    if (length === 0) return
    this.entries.push({ type: 'pad', path: ['.pad', String(length)], length, offset: this.#end })
    this.sourceIndexOfEntry.push(undefined)
    this.#end += length
  }
}

interface SortableFile {
  readonly file: SourceFile
  readonly sourceIndex: number
}

function* sortedAsTree(files: readonly SourceFile[], version: TorrentVersion): Steps<SortableFile[]> {
  const maxDepth = version === 'v1' ? MAX_PATH_DEPTH : METAINFO_LIMITS.depth - LEVELS_AROUND_PATH
  const sorted: SortableFile[] = []
  for (const [sourceIndex, file] of files.entries()) {
    if (sourceIndex % FILES_A_STEP === FILES_A_STEP - 1) yield
    for (const component of file.path) checkComponent(file.path, component)
    if (file.path.length === 0 || file.path.length > maxDepth) {
      throw MetainfoError.at(file.path.join('/'), 'too-large', `must be 1 to ${maxDepth} folders deep`)
    }
    sorted.push({ file, sourceIndex })
  }
  yield
  sorted.sort((a, b) => comparePaths(a.file.path, b.file.path))
  for (const [i, { file }] of sorted.entries()) {
    if (i % FILES_A_STEP === FILES_A_STEP - 1) yield
    // The contents of a folder directly follow the folder's name.
    const next = sorted[i + 1]?.file.path
    if (next === undefined || !file.path.every((component, level) => component === next[level])) continue
    throw MetainfoError.at(file.path.join('/'), 'invalid-value', 'stands twice, or is a file and a folder')
  }
  return sorted
}

function comparePaths(a: readonly string[], b: readonly string[]): number {
  const common = Math.min(a.length, b.length)
  for (let level = 0; level < common; level++) {
    const order = compareAsUtf8(a[level] ?? '', b[level] ?? '')
    if (order !== 0) return order
  }
  return a.length - b.length
}

function checkComponent(path: readonly string[], component: string): void {
  if (component === '' || component === '.' || component === '..' || /[/\0]/.test(component)) {
    throw MetainfoError.at(
      path.join('/'),
      'invalid-value',
      `has a part that is no file name: ${JSON.stringify(component)}`,
    )
  }
}

function checkPieceLength(version: TorrentVersion, pieceLength: number): void {
  const isWhole = Number.isInteger(pieceLength) && pieceLength > 0
  if (!isWhole || pieceLength > MAX_PIECE_LENGTH) {
    throw MetainfoError.at(
      'piece length',
      'invalid-value',
      `must be 1 to ${MAX_PIECE_LENGTH}, is ${pieceLength}`,
    )
  }
  if (version === 'v1') return
  if (pieceLength < BLOCK_LENGTH || !Number.isInteger(Math.log2(pieceLength))) {
    const what = `must be a power of two of at least ${BLOCK_LENGTH}, is ${pieceLength}`
    throw MetainfoError.at('piece length', 'invalid-value', what)
  }
}
