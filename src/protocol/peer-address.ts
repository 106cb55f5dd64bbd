// BEP 7, 23: where a peer listens, as text and as the compact 6 or 18 bytes of the wire.

import ipaddr from 'ipaddr.js'
import { ipv4ToBytes } from './ipv4.js'

export interface PeerAddress {
  /** IPv4 in dotted form, or IPv6 without brackets; never a name. */
  readonly host: string
  readonly port: number
}

export type AddressFamily = 'ipv4' | 'ipv6'

/** Bytes of one compact address: the host, then two bytes of port. */
export const COMPACT_LENGTH: Readonly<Record<AddressFamily, number>> = { ipv4: 6, ipv6: 18 }

const MAX_HOST_TEXT = 64
const MAX_NAME_TEXT = 253
const MAX_PORT = 65_535

/**
 * The one spelling of an IP address: IPv6 as RFC 5952 has it, an IPv4 address inside IPv6 as IPv4. A zone (`%eth0`)
 * is kept. Undefined for anything else, names and shorthands such as `127.1` included.
 */
export function canonicalHost(text: string): string | undefined {
  if (ipv4ToBytes(text) !== undefined) return text
  const [address = '', zone, ...more] = text.split('%')
  const ip = parseIPv6(address)
  if (ip === undefined || more.length > 0 || (zone !== undefined && !/^[\w.-]{1,32}$/.test(zone)))
    return undefined
  if (ip.isIPv4MappedAddress()) return ip.toIPv4Address().toString()
  return zone === undefined ? ip.toString() : `${ip.toString()}%${zone}`
}

/**
 * The 4 or 16 bytes of an IP address in network order (BEP 24 sends them so), without its zone; undefined where
 * it is none.
 */
export function hostToBytes(host: string): Uint8Array | undefined {
  const ipv4 = ipv4ToBytes(host)
  if (ipv4 !== undefined) return ipv4
  const [address = ''] = host.split('%', 1)
  const ip = parseIPv6(address)
  if (ip === undefined) return undefined
  return Uint8Array.from((ip.isIPv4MappedAddress() ? ip.toIPv4Address() : ip).toByteArray())
}

/** The address in 4 or 16 bytes; undefined for any other length. */
export function hostFromBytes(bytes: Uint8Array): string | undefined {
  if (bytes.length === 4) return bytes.join('.')
  if (bytes.length !== 16) return undefined
  const address = new ipaddr.IPv6([...bytes])
  return address.isIPv4MappedAddress() ? address.toIPv4Address().toString() : address.toString()
}

/** 6 bytes for IPv4 (BEP 23), 18 for IPv6 (BEP 7); undefined where host or port is not valid. */
export function encodeCompact(address: PeerAddress): Uint8Array | undefined {
  const host = hostToBytes(address.host)
  if (host === undefined || !isPort(address.port)) return undefined
  const bytes = new Uint8Array(host.length + 2)
  bytes.set(host)
  bytes[host.length] = address.port >>> 8
  bytes[host.length + 1] = address.port & 0xff
  return bytes
}

/** Reads 6 or 18 bytes; undefined for another length, and for addresses that cannot be connected to: port 0, host 0. */
export function decodeCompact(bytes: Uint8Array): PeerAddress | undefined {
  if (bytes.length !== COMPACT_LENGTH.ipv4 && bytes.length !== COMPACT_LENGTH.ipv6) return undefined
  const hostLength = bytes.length - 2
  const port = ((bytes[hostLength] ?? 0) << 8) | (bytes[hostLength + 1] ?? 0)
  const hostBytes = bytes.subarray(0, hostLength)
  const host = hostFromBytes(hostBytes)
  if (host === undefined || port === 0 || hostBytes.every(byte => byte === 0)) return undefined
  return { host, port }
}

/**
 * Reads compact addresses of one family, at most `limit` of them, without those that cannot be connected to. Bytes
 * after the last whole address are ignored.
 */
export function decodeCompactList(bytes: Uint8Array, family: AddressFamily, limit: number): PeerAddress[] {
  const size = COMPACT_LENGTH[family]
  const addresses: PeerAddress[] = []
  for (let at = 0; at + size <= bytes.length && addresses.length < limit; at += size) {
    const address = decodeCompact(bytes.subarray(at, at + size))
    if (address !== undefined) addresses.push(address)
  }
  return addresses
}

/** Parses an address; undefined for text that is not an IP address, and for addresses that cannot be connected to (`decodeCompact`). */
export function listeningAddress(host: string, port: number): PeerAddress | undefined {
  const canonical = canonicalHost(host)
  if (canonical === undefined || !isPort(port)) return undefined
  return hostToBytes(canonical)?.every(byte => byte === 0) ? undefined : { host: canonical, port }
}

/**
 * True for a name that DNS may resolve. False for text that some resolvers take for an address (`127.1`, `0x7f.1`), and for names
 * that must not be looked up in DNS (RFC 7686).
 */
export function isHostName(text: string): boolean {
  if (text.length > MAX_NAME_TEXT || !/^([a-z\d_]([a-z\d_-]{0,61}[a-z\d_])?(\.|$))+$/i.test(text))
    return false
  return !/(^|\.)(\d+|0x[\da-f]*|onion|i2p)\.?$/i.test(text)
}

/** `192.0.2.1:6881` or `[2001:db8::1]:6881`. */
export function formatAddress({ host, port }: PeerAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** True for a port that can be listened on: 1 to 65535. */
export function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= MAX_PORT
}

function parseIPv6(text: string): ipaddr.IPv6 | undefined {
  if (text.length > MAX_HOST_TEXT || !text.includes(':') || text.includes('%')) return undefined
  return ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text) : undefined
}
