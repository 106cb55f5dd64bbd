import type { HashedFile } from '../../protocol/hash-proof.js'

/** A file longer than one piece. */
export interface LayeredFile extends HashedFile {
  /** Index of its first piece in the torrent. */
  readonly firstPiece: number
}
