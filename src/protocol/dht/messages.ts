// BEP 5, 32, 33, 43, 44, 51: the messages of the DHT (KRPC).

import type { AddressFamily } from '../peer-address.js'

/** A value that is stored in the DHT (BEP 44), as it goes over the wire. */
export type StoredValue =
  /** Found by the SHA-1 of its value. */
  | { readonly type: 'immutable'; readonly value: Uint8Array }
  /** Found by the SHA-1 of key and salt. */
  | {
      readonly type: 'mutable'
      /** Bencoded. */
      readonly value: Uint8Array
      /** Ed25519, 32 bytes. */
      readonly publicKey: Uint8Array
      /** 64 bytes. */
      readonly signature: Uint8Array
      readonly sequence: number
      /** Empty for none. */
      readonly salt: Uint8Array
    }

/** A query to a node. Hashes, targets and ids have 20 bytes. */
export type Query =
  | { readonly type: 'ping' }
  | { readonly type: 'find_node'; readonly target: Uint8Array; readonly want: readonly AddressFamily[] }
  | {
      readonly type: 'get_peers'
      readonly infoHash: Uint8Array
      readonly want: readonly AddressFamily[]
      /** BEP 33: rather no seeds. */
      readonly noSeeds: boolean
      /** BEP 33: with bloom filters of seeds and peers. */
      readonly isScrape: boolean
    }
  | {
      readonly type: 'announce_peer'
      readonly infoHash: Uint8Array
      /** Of the peer; 0 where it is implied and not stated. */
      readonly port: number
      /** The port that counts is the one that the datagram comes from (`implied_port`). */
      readonly isPortImplied: boolean
      readonly token: Uint8Array
      /** BEP 33 */
      readonly isSeed: boolean
    }
  | {
      readonly type: 'get'
      readonly target: Uint8Array
      readonly want: readonly AddressFamily[]
      /** A mutable value is wanted only with a higher number. */
      readonly sequence: number | undefined
    }
  | {
      readonly type: 'put'
      readonly token: Uint8Array
      readonly item: StoredValue
      /** The number of the value that may be overwritten (compare and swap). */
      readonly expectedSequence: number | undefined
    }
  | {
      readonly type: 'sample_infohashes'
      readonly target: Uint8Array
      readonly want: readonly AddressFamily[]
    }

export type Method = Query['type']

/** The named values of a response; which there are depends on the method. */
export interface Answer {
  /** Compact nodes, 26 and 38 bytes each. */
  readonly nodes?: Uint8Array | undefined
  readonly nodes6?: Uint8Array | undefined
  readonly token?: Uint8Array | undefined
  /** Compact peers, 6 or 18 bytes each. */
  readonly values?: readonly Uint8Array[] | undefined
  /** BEP 33: bloom filters of 256 bytes. */
  readonly seedFilter?: Uint8Array | undefined
  readonly peerFilter?: Uint8Array | undefined
  /** BEP 44: the value, bencoded. */
  readonly value?: Uint8Array | undefined
  readonly publicKey?: Uint8Array | undefined
  readonly signature?: Uint8Array | undefined
  readonly sequence?: number | undefined
  /** BEP 51: info hashes of 20 bytes each. */
  readonly samples?: Uint8Array | undefined
  /** Seconds until there are other samples. */
  readonly interval?: number | undefined
  /** Info hashes in the node's store. */
  readonly storedHashes?: number | undefined
}

/** Codes of errors: BEP 5, and from 205 BEP 44. */
export const KrpcErrorCode = {
  generic: 201,
  server: 202,
  protocol: 203,
  methodUnknown: 204,
  valueTooLarge: 205,
  invalidSignature: 206,
  saltTooLarge: 207,
  casMismatch: 301,
  sequenceTooLow: 302,
} as const

interface KrpcMessageBase {
  /** `t`: 1 to 32 bytes, chosen by the node that asks. */
  readonly transaction: Uint8Array
}

export interface QueryMessage extends KrpcMessageBase {
  readonly type: 'query'
  readonly id: Uint8Array
  /** `ro` (BEP 43): the sender answers no queries. */
  readonly isReadOnly: boolean
  readonly query: Query
}

/** A query that cannot be answered, but with this error. */
export interface BadQueryMessage extends KrpcMessageBase {
  readonly type: 'bad-query'
  readonly code: number
  readonly message: string
}

export interface ResponseMessage extends KrpcMessageBase {
  readonly type: 'response'
  readonly id: Uint8Array
  /** `ip` (BEP 42): our address as the sender sees it, 4 or 16 bytes. */
  readonly outsideHost: Uint8Array | undefined
  readonly answer: Answer
}

export interface ErrorMessage extends KrpcMessageBase {
  readonly type: 'error'
  readonly outsideHost: Uint8Array | undefined
  readonly code: number
  /** For people, at most 64 bytes of it. */
  readonly message: string
}

export type KrpcMessage = QueryMessage | BadQueryMessage | ResponseMessage | ErrorMessage
