// BEP 55: `ut_holepunch`, by which a relay introduces two peers that accept no connections to each other.

import { concatBytes } from '../../base/bytes.js'
import { COMPACT_LENGTH, decodeCompact, encodeCompact, type PeerAddress } from '../peer-address.js'
import { uint32 } from './dispatch.js'

/** The reasons of a relay to refuse. */
export const HolePunchError = { noSuchPeer: 1, notConnected: 2, noSupport: 3, noSelf: 4 } as const

export type HolePunchMessage =
  /** To a relay: bring me together with that peer. */
  | { readonly type: 'rendezvous'; readonly address: PeerAddress }
  /** From a relay: connect to that peer by uTP, it does the same. */
  | { readonly type: 'connect'; readonly address: PeerAddress }
  /** From a relay: the rendezvous with that peer will not be. `code`: one of `HolePunchError`, or any other number. */
  | { readonly type: 'error'; readonly address: PeerAddress; readonly code: number }

const TYPES = ['rendezvous', 'connect', 'error'] as const

const HEAD_LENGTH = 2
const ERROR_LENGTH = 4

/** Undefined where the address is none. */
export function encodeHolePunch(message: HolePunchMessage): Uint8Array | undefined {
  const compact = encodeCompact(message.address)
  if (compact === undefined) return undefined
  const isIPv6 = compact.length === COMPACT_LENGTH.ipv6
  const code = message.type === 'error' ? message.code : 0
  return concatBytes([
    Uint8Array.of(TYPES.indexOf(message.type), isIPv6 ? 1 : 0),
    compact,
    Uint8Array.of(code >>> 24, code >>> 16, code >>> 8, code),
  ])
}

/**
 * Reads a message; the four bytes of the error may be missing where there is none, as they are in some clients.
 * Bytes behind the message are ignored.
 * @returns undefined where the type, the family or the address is not one of BEP 55, or the message is too short
 */
export function decodeHolePunch(payload: Uint8Array): HolePunchMessage | undefined {
  const [typeNumber = 0xff, family] = payload
  const type = TYPES[typeNumber]
  if (type === undefined || (family !== 0 && family !== 1)) return undefined
  const end = HEAD_LENGTH + (family === 1 ? COMPACT_LENGTH.ipv6 : COMPACT_LENGTH.ipv4)
  if (payload.length < end || (type === 'error' && payload.length < end + ERROR_LENGTH)) return undefined
  const address = decodeCompact(payload.subarray(HEAD_LENGTH, end))
  if (address === undefined) return undefined
  return type === 'error' ? { type, address, code: uint32(payload, end) } : { type, address }
}
