import ipaddr from 'ipaddr.js'

/** Ranges of IPv4 (RFC 1918, 3927) and IPv6 (RFC 4193, 4291) that no packet leaves the house with. */
const LOCAL_RANGES = new Set(['loopback', 'private', 'linkLocal', 'uniqueLocal'])

/** True if an IP address, as `canonicalHost` writes it, belongs to this machine or its local network. */
export function isLocalHost(host: string): boolean {
  const [address = ''] = host.split('%', 1)
  return ipaddr.isValid(address) && LOCAL_RANGES.has(ipaddr.process(address).range())
}
