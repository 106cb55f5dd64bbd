/** Loopback addresses beyond the first have to be set up one by one on macOS. */
const HAS_MANY = process.platform !== 'darwin'

/** The host of an attacker that has only one. */
export const ONE_HOST = HAS_MANY ? '127.0.0.66' : '127.0.0.1'

/** Hosts of honest peers. */
export const MANY_HOSTS = hosts(1, HAS_MANY ? 5 : 1)

/** Hosts of an attacker that has many, in networks of their own. */
export function attackerHosts(count: number): readonly string[] {
  return HAS_MANY ? Array.from({ length: count }, (_, i) => `127.${66 + i}.0.1`) : ['127.0.0.1']
}

function hosts(first: number, count: number): readonly string[] {
  return Array.from({ length: count }, (_, i) => `127.0.0.${first + i}`)
}
