import type { NetworkInterfaceInfo } from 'node:os'
import ipaddr from 'ipaddr.js'
import { scopeOf } from '../../protocol/address-scope.js'
import type { AddressFamily } from '../../protocol/peer-address.js'

/** One family of an interface of this machine. */
export interface LocalInterface {
  /** As the system calls it, `eth0`. */
  readonly name: string
  readonly family: AddressFamily
  /** An address of ours there. */
  readonly address: string
  /** The number of an IPv6 scope; 0 for IPv4. */
  readonly scopeId: number
}

export type SystemInterfaces = NodeJS.Dict<NetworkInterfaceInfo[]>

/** A machine with many containers has an interface for each of them. */
const MAX_INTERFACES = 32

/**
 * The interfaces that lead to a local network, each family of each once.
 * @param bind the address of ours that all connections have; undefined: any
 */
export function localInterfaces(system: SystemInterfaces, bind: string | undefined): LocalInterface[] {
  const found = new Map<string, LocalInterface>()
  for (const [name, addresses = []] of Object.entries(system)) {
    for (const { address, family, internal, ...info } of addresses) {
      const key = `${family} ${name}`
      if (internal || found.has(key) || found.size === MAX_INTERFACES) continue
      if (bind !== undefined && withoutZone(bind) !== address) continue
      const scopeId = 'scopeid' in info ? (info.scopeid ?? 0) : 0
      found.set(key, { name, family: family === 'IPv6' ? 'ipv6' : 'ipv4', address, scopeId })
    }
  }
  return [...found.values()]
}

/**
 * Whether a sender is in a local network: it has an address that is only used in such, or one of a network that this machine is in.
 * Others may send to the port as well, and would name themselves as peers.
 */
export function isLocalSender(host: string, system: SystemInterfaces): boolean {
  if (scopeOf(host) === 'network') return true
  return Object.values(system).some(addresses =>
    addresses?.some(({ cidr, internal }) => !internal && cidr !== null && isWithin(host, cidr)),
  )
}

function isWithin(host: string, cidr: string): boolean {
  if (!ipaddr.isValid(host)) return false
  const address = ipaddr.parse(host)
  const [network, bits] = ipaddr.parseCIDR(cidr)
  return address.kind() === network.kind() && address.match(network, bits)
}

function withoutZone(address: string): string {
  return address.replace(/%.*/, '')
}
