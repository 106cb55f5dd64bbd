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
  /** All places are taken, and another peer was worth more (BEP 40). */
  | 'replaced'
  | 'duplicate'
  /** It reads none of the blocks that it requested and sends nothing, or does not answer requests for metadata. */
  | 'stuck'
  | 'stopped'

/** The connection to one peer: the engine's messages to it, which a socket or a simulated wire delivers. */
export interface PeerLink extends PeerMessages {
  /** Bytes of messages and blocks that have not left yet. */
  readonly waitingBytes: number
  /** There are new requests in the peer's `uploadQueue`. */
  uploadsWaiting(): void
  /** As `have`, to a peer that has the piece, too: it leaves with the next message, or within a second. */
  haveToo(piece: number): void
  /** Ends the connection; the engine has forgotten the peer by then. */
  close(reason: CloseReason, detail: string): void
}

/** The part of the machine, or of the simulated world, that connects to peers. */
export interface ConnectorWorld {
  /** Milliseconds from any beginning; never runs backwards. */
  now(): number
  /** Whether one more connection may be begun now, by the limits of the session. */
  mayConnect(): boolean
  /** Whether there is a place for an incoming connection; if not, it may only replace another. */
  hasPlace(): boolean
  /**
   * Begins a connection; ends in `addPeer` or `connectFailed` of the torrent.
   * @param attempt failed attempts before this one
   */
  connect(address: PeerAddress, attempt: number): void
  /** A peer was banned for bad data. */
  onBanned(address: PeerAddress, piece: number): void
}

/** The machine, or the simulated world, as a torrent sees it. */
export interface TorrentWorld extends ConnectorWorld {
  readonly random: Random
  /** Discards the bytes of a bad piece. */
  discardPiece(piece: number): void
  /**
   * Computes the SHA-256 of each block of a piece whose blocks are all here, from the files: 32 bytes each, in order. Calls back
   * once, at once or later; with undefined where the blocks can't be read any more.
   */
  digestBlocks(piece: number, use: (digests: Uint8Array | undefined) => void): void
  /** Runs steps of some milliseconds each, with other work in between. */
  workInTurns(steps: Steps<void>): void
  /** Every wanted piece is here and verified. */
  completed(): void
}
