/** A list of names as the torrent has them, each a view into its bytes. */
export type RawPath = readonly Uint8Array[]

interface RawBase {
  /** Bytes. */
  readonly length: number
  readonly offset: number
}

interface RawFile extends RawBase {
  readonly type: 'file'
  readonly path: RawPath
  readonly isExecutable: boolean
  readonly sha256: Uint8Array | undefined
  readonly piecesRoot: Uint8Array | undefined
}

export interface RawLink extends RawBase {
  readonly type: 'symlink'
  readonly path: RawPath
  readonly target: RawPath
}

interface RawPad extends RawBase {
  readonly type: 'pad'
}

/** An entry as it was read, before it has a place of its own. */
export type RawEntry = RawFile | RawLink | RawPad

/** The result of reading a list of entries. */
export interface Listing {
  readonly pieceCount: number
  /** False where the content is one file that has the name of the torrent. */
  readonly isFolder: boolean
}

/** The entries of a torrent, one after the other; undefined where nothing but some milliseconds' work was done. */
export type RawEntries = Generator<RawEntry | undefined, Listing, undefined>
