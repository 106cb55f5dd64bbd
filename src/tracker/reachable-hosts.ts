import { networkInterfaces } from 'node:os'

const ANY_IPV6 = '::'
const ANY_IPV4 = '0.0.0.0'

/** Addresses under which others reach what listens on `host`: for a wildcard those of this machine, loopback last. */
export function reachableHosts(host: string): string[] {
  if (host !== ANY_IPV6 && host !== ANY_IPV4) return [host]
  const addresses = Object.values(networkInterfaces())
    .flatMap(list => list ?? [])
    // Link-local addresses mean nothing without their interface.
    .filter(({ address }) => !address.startsWith('fe80:') && !address.startsWith('169.254.'))
    .filter(({ family }) => host === ANY_IPV6 || family === 'IPv4')
  const rank = ({ internal, family }: { internal: boolean; family: string }) =>
    (internal ? 2 : 0) + (family === 'IPv4' ? 0 : 1)
  return addresses.sort((a, b) => rank(a) - rank(b)).map(({ address }) => address)
}
