import ipaddr from 'ipaddr.js'
import { ipv4ToBytes } from './ipv4.js'

/** From where an address can be reached: this machine, its network, anywhere, or nowhere. */
export type AddressScope = 'nowhere' | 'machine' | 'network' | 'anywhere'

const SCOPES: Readonly<Record<string, AddressScope>> = {
  unspecified: 'nowhere',
  broadcast: 'nowhere',
  multicast: 'nowhere',
  reserved: 'nowhere',
  discard: 'nowhere',
  loopback: 'machine',
  private: 'network',
  linkLocal: 'network',
  carrierGradeNat: 'network',
  uniqueLocal: 'network',
  deprecatedSiteLocal: 'network',
}

/** From the narrowest to the widest; a peer that is nowhere is told no address. */
const WIDTHS: readonly AddressScope[] = ['machine', 'network', 'anywhere', 'nowhere']

/** First numbers of IPv4 addresses that are, or may be, in one of the ranges above. */
const SPECIAL_IPV4: ReadonlySet<string> = new Set([
  '0',
  '10',
  '100',
  '127',
  '169',
  '172',
  '192',
  '198',
  '203',
])

/** @param host as in `PeerAddress` */
export function scopeOf(host: string): AddressScope {
  // Most addresses are none of those, and a node of the DHT looks at some thousand a second.
  const first = host.slice(0, host.indexOf('.'))
  if (Number(first) < 224 && !SPECIAL_IPV4.has(first) && ipv4ToBytes(host) !== undefined) return 'anywhere'
  return ipaddr.isValid(host) ? (SCOPES[ipaddr.parse(host).range()] ?? 'anywhere') : 'nowhere'
}

/**
 * True if an address means the same to another host as to us. Addresses of a private network mean nothing outside it, and an
 * address in our own network that a host outside it names can only do harm.
 * @param other the scope of the other host
 * @param scope the scope of the address, if it is known already
 */
export function isMeaningfulTo(host: string, other: AddressScope, scope = scopeOf(host)): boolean {
  // Without the name of an interface, which never leaves the machine, such an address leads nowhere.
  if (scope === 'nowhere' || host.startsWith('fe80:')) return false
  return WIDTHS.indexOf(scope) >= WIDTHS.indexOf(other)
}
