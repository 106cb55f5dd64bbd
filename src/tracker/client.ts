import ipaddr from 'ipaddr.js'
import { hostFromBytes, hostToBytes } from '../protocol/peer-address.js'
import type { AddressKind } from './limits.js'

/** The client of a request: the address that peers are told, and what it is counted by. */
export interface TrackerClient {
  /** As others can use it: IPv4 inside IPv6 as IPv4, and without a zone, which means something here only. */
  readonly host: string
  /** The 4 or 16 bytes of `host`. */
  readonly bytes: Uint8Array
  /** The same for all clients that share limits: those of one IPv4 address, or of one IPv6 /64. */
  readonly key: string
  readonly kind: AddressKind
}

const IPV6_NETWORK_BYTES = 8

/** The client at the other end of a socket; undefined where `remote` is no IP address. */
export function clientAt(remote: string): TrackerClient | undefined {
  const bytes = hostToBytes(remote)
  const host = bytes === undefined ? undefined : hostFromBytes(bytes)
  if (bytes === undefined || host === undefined) return undefined
  const shared = bytes.length === 4 ? bytes : bytes.subarray(0, IPV6_NETWORK_BYTES)
  return { host, bytes, key: String.fromCharCode(...shared), kind: kindOf(host) }
}

function kindOf(host: string): AddressKind {
  switch (ipaddr.parse(host).range()) {
    case 'loopback':
      return 'loopback'
    case 'private':
    case 'linkLocal':
    case 'uniqueLocal':
      return 'private'
    default:
      return 'internet'
  }
}
