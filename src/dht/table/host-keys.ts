import { scopeOf } from '../../protocol/address-scope.js'
import { isLocal } from '../../protocol/dht/secure-id.js'
import { hostGroup } from '../../protocol/host-group.js'
import { formatAddress, type PeerAddress } from '../../protocol/peer-address.js'

/**
 * The key of which a table or a lookup has only one node: a host; of this machine, on which private networks are tried out, a port of
 * it.
 */
export function nodeKey(address: PeerAddress): string {
  return scopeOf(address.host) === 'machine' ? formatAddress(address) : address.host
}

/**
 * The key of which there are few nodes: the /24 of an IPv4 address, the /64 of an IPv6 address; undefined for a local address, since a private
 * network may be all there is.
 */
export function networkKey(host: string): string | undefined {
  if (isLocal(host)) return undefined
  return host.includes(':') ? hostGroup(host) : host.slice(0, host.lastIndexOf('.'))
}
