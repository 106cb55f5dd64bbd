import type { PeerAddress } from '../../protocol/peer-address.js'
import type { PeerStream, StreamListener } from './peer-stream.js'

/** A connection that a peer began, and of which nothing was read yet. */
export interface AcceptedStream {
  readonly remote: PeerAddress
  /** Begins to read. The listener does not hear `connected`: it is so already. */
  open(listener: StreamListener): PeerStream
  /** Ends it unread. */
  destroy(): void
}

/** Accepts connections of peers over one transport. */
export interface TransportListener {
  readonly port: number
  /** The local address of outgoing connections; undefined if it may be any. */
  readonly localAddress: string | undefined
  /** Takes no more; connections that are open stay. */
  close(): Promise<void>
}

/** Carries the bytes of connections between us and peers. */
export interface Transport {
  /** For people. */
  readonly name: string
  /**
   * Begins a connection. The listener hears `connected`, or `closed` where none came about, and nothing before this call has
   * returned.
   */
  connect(remote: PeerAddress, listener: StreamListener): PeerStream
  /**
   * Takes connections that peers begin. To be called once, before `connect`.
   * @returns undefined where peers can't reach us over this transport
   * @throws {import('../../base/listen.js').ListenError}
   */
  listen(onAccepted: (stream: AcceptedStream) => void): Promise<TransportListener | undefined>
}
