import type { Random } from '../base/random.js'
import type { Steps } from '../base/steps.js'
import type { PeerMessages } from '../protocol/peer/messages.js'
import type { PeerAddress } from '../protocol/peer-address.js'

/** Why the engine ends a connection. */
export type CloseReason =
  | 'protocol-error'
  | 'unasked-block'
  | 'banned'
  | 'nothing-to-share'
  /** All places are taken, and another was worth more (BEP 40). */
  | 'replaced'
  | 'duplicate'
  /** It takes none of the blocks that it asked for and gives nothing, or does not answer requests for metadata. */
  | 'stuck'
  | 'stopped'

/** The way to one peer: what the engine sends, and what a socket or a simulated link delivers. */
export interface PeerLink extends PeerMessages {
  /** Bytes that were said and have not left yet. */
  readonly waitingBytes: number
  /** There are requests in the peer's `uploads` that were not there before. */
  uploadsWaiting(): void
  /** As `have`, to a peer that has the piece, too: it goes with what is said next, or within a second. */
  haveToo(piece: number): void
  /** Ends the connection; the engine has forgotten the peer by then. */
  close(reason: CloseReason, detail: string): void
}

/** What it takes to have peers: a part of the machine, or of the simulated world. */
export interface ConnectorWorld {
  /** Milliseconds from any beginning, never running backwards. */
  now(): number
  /** Whether one more connection may be begun now (limits of the whole session). */
  mayConnect(): boolean
  /** Whether there is a place for a connection that has come in; if not, it may only take another's. */
  hasPlace(): boolean
  /**
   * Begins a connection; ends in `addPeer` or `connectFailed` of the torrent.
   * @param attempt how many failed before
   */
  connect(address: PeerAddress, attempt: number): void
  /** A peer was banned for bad data. */
  onBanned(address: PeerAddress, piece: number): void
}

/** What a torrent needs of the machine, or of the simulated world. */
export interface TorrentWorld extends ConnectorWorld {
  readonly random: Random
  /** Lets the bytes of a piece go that turned out wrong. */
  discardPiece(piece: number): void
  /**
   * Gives the SHA-256 of each block of a piece whose blocks are all here, 32 bytes each in their order, as they stand in the
   * files; undefined where they can't be read any more. Calls back once, at once or later.
   */
  digestBlocks(piece: number, use: (digests: Uint8Array | undefined) => void): void
  /** Goes through steps, some milliseconds each, with whatever else there is to do in between. */
  workInTurns(steps: Steps<void>): void
  /** Every wanted piece is here and verified. */
  completed(): void
}
