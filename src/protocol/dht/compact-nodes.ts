// BEP 5, 32: nodes as 26 bytes (IPv4) or 38 (IPv6): the id, then the compact address.

import {
  type AddressFamily,
  COMPACT_LENGTH,
  decodeCompact,
  encodeCompact,
  type PeerAddress,
} from '../peer-address.js'
import { NODE_ID_LENGTH } from './node-id.js'

/** A node of the DHT: its id, and where it listens for datagrams. */
export interface NodeInfo {
  readonly id: Uint8Array
  readonly address: PeerAddress
}

/** Bytes of one compact node. */
export const COMPACT_NODE_LENGTH: Readonly<Record<AddressFamily, number>> = {
  ipv4: NODE_ID_LENGTH + COMPACT_LENGTH.ipv4,
  ipv6: NODE_ID_LENGTH + COMPACT_LENGTH.ipv6,
}

/** 26 or 38 bytes; undefined where host or port is not valid. */
export function encodeNode({ id, address }: NodeInfo): Uint8Array | undefined {
  const compact = encodeCompact(address)
  if (compact === undefined) return undefined
  const bytes = new Uint8Array(NODE_ID_LENGTH + compact.length)
  bytes.set(id)
  bytes.set(compact, NODE_ID_LENGTH)
  return bytes
}

/**
 * Reads at most `limit` nodes of one family, without those that cannot be sent to. Bytes after the last whole node are ignored.
 * The ids are copies.
 */
export function decodeNodes(bytes: Uint8Array, family: AddressFamily, limit: number): NodeInfo[] {
  const size = COMPACT_NODE_LENGTH[family]
  const nodes: NodeInfo[] = []
  for (let at = 0; at + size <= bytes.length && nodes.length < limit; at += size) {
    const address = decodeCompact(bytes.subarray(at + NODE_ID_LENGTH, at + size))
    if (address !== undefined) nodes.push({ id: bytes.slice(at, at + NODE_ID_LENGTH), address })
  }
  return nodes
}
