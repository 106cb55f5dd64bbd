import type { Bitfield } from '../../base/bitfield.js'
import type { Contributor } from '../connect/candidates.js'
import type { PieceDownload } from '../download/piece-download.js'
import type { RequestQueue } from '../download/request-queue.js'
import type { Suggestions } from '../download/suggestions.js'

/** What the picker must know of a peer, and do to it. */
export interface PickingPeer {
  /** The pieces it has. */
  readonly pieces: Bitfield
  readonly requests: RequestQueue
  readonly contributor: Contributor
  readonly isSnubbed: boolean
  /** What it sends; the rate is undefined while it is not known. */
  readonly window: { readonly bytesPerSecond: number | undefined }
  /** The piece it works through. */
  current: PieceDownload<PickingPeer> | undefined
  /** The few pieces that it may be asked for; undefined where all that it has are open to us. */
  readonly onlyPieces: Iterable<number> | undefined
  /** What it would rather be asked for. */
  readonly suggested: Suggestions
  /** False for pieces that it may not be asked for now. */
  readonly mayAskFor: (piece: number) => boolean
  /** Asks it for a block. */
  ask(piece: number, block: number): void
}
