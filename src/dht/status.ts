import type { KrpcFault } from '../protocol/dht/decode.js'
import type { Method } from '../protocol/dht/messages.js'
import type { AddressFamily, PeerAddress } from '../protocol/peer-address.js'

/** Why an answer is dropped: nothing was asked with its transaction id, or it comes from another address than was asked. */
export type AnswerFault = 'unasked' | 'wrong-address'

/** Why a datagram is dropped, with no answer. */
export type DropReason =
  | KrpcFault
  | AnswerFault
  /** Of the other family, or from port 0. */
  | 'wrong-sender'
  /** Our own id: a datagram of ours that came back, or a node that claims to be us. */
  | 'own-id'
  | 'rate-limited'
  /** We are read-only and answer no queries (BEP 43). */
  | 'read-only'

/**
 * `idle`: nothing to begin with is known; `bootstrapping`: the first nodes are being asked; `ready`: there are nodes, and the
 * closest to our own id are found; `failed`: no node answered, and they are asked again later.
 */
export type DhtPhase = 'idle' | 'bootstrapping' | 'ready' | 'failed'

/** The figures of a node. Counters are since it was made. */
export interface DhtStatus {
  readonly family: AddressFamily
  readonly id: Uint8Array
  readonly phase: DhtPhase
  readonly isReadOnly: boolean
  /** Our address as other nodes see it, once enough of them agree (BEP 42). */
  readonly outsideHost: string | undefined
  /** Nodes of the routing table by standing (BEP 5), and those that wait to replace one. */
  readonly nodes: {
    readonly good: number
    readonly questionable: number
    readonly bad: number
    readonly replacements: number
  }
  readonly buckets: number
  readonly lookups: { readonly active: number; readonly waiting: number }
  readonly sent: {
    readonly queries: number
    readonly answers: number
    readonly errors: number
    readonly bytes: number
  }
  readonly received: {
    readonly queries: Readonly<Record<Method, number>>
    readonly answers: number
    readonly errors: number
    readonly bytes: number
    /** Queries of ours that got no answer. */
    readonly lost: number
  }
  readonly dropped: Readonly<Record<DropReason, number>>
  readonly stored: {
    readonly hashes: number
    readonly peers: number
    readonly items: number
    /** Of their values. */
    readonly itemBytes: number
  }
}

/** The facts that are kept between sessions. */
export interface SavedDht {
  readonly id: Uint8Array
  /** Nodes that answered, the last heard of first. */
  readonly nodes: readonly PeerAddress[]
}
