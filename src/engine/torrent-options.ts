import type { PieceHashes } from '../protocol/metainfo/piece-hashes.js'
import type { LayeredFile } from './hashes/layered-file.js'
import type { OpeningFacts } from './opening-messages.js'
import type { PickOrder } from './pick/make-strategy.js'
import type { WantedPieces } from './pick/wanted-pieces.js'
import type { UploadOptions } from './upload/uploader.js'

/** The values that a torrent is made from. */
export interface TorrentOptions extends OpeningFacts {
  /** Our own, 20 bytes. */
  readonly peerId: Uint8Array
  readonly hashes: PieceHashes
  /** Files longer than one piece of a v2 or hybrid torrent, whose layers peers exchange (BEP 52). */
  readonly layeredFiles: readonly LayeredFile[]
  /** The pieces that are wanted and those that are here at the start; the engine keeps it up to date. */
  readonly wanted: WantedPieces
  /** The order in which pieces are begun. */
  readonly pick: PickOrder
  readonly maxPeers: number
  /** Whether peer exchange is on (BEP 11); never for private torrents (BEP 27). */
  readonly exchangesPeers: boolean
  readonly upload?: Partial<UploadOptions> | undefined
}
