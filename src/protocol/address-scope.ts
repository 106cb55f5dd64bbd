import ipaddr from 'ipaddr.js'

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

/** From the narrowest to the widest; who is nowhere is told nothing. */
const WIDTHS: readonly AddressScope[] = ['machine', 'network', 'anywhere', 'nowhere']

/** @param host as in `PeerAddress` */
export function scopeOf(host: string): AddressScope {
  return ipaddr.isValid(host) ? (SCOPES[ipaddr.parse(host).range()] ?? 'anywhere') : 'nowhere'
}

/**
 * Whether an address means the same to somebody else as to us: those of a home's network mean nothing outside, and what a
 * stranger says of this machine or of its network can only do harm.
 * @param other where the somebody is
 * @param scope of the address, where it is known
 */
export function isMeaningfulTo(host: string, other: AddressScope, scope = scopeOf(host)): boolean {
  // Without the name of an interface, which never leaves the machine, such an address leads nowhere.
  if (scope === 'nowhere' || host.startsWith('fe80:')) return false
  return WIDTHS.indexOf(scope) >= WIDTHS.indexOf(other)
}
