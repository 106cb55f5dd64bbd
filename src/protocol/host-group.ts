const GROUPS = 8
const NETWORK_GROUPS = 4

/**
 * The unit that limits per address are counted by: an IPv4 address, or the /64 of an IPv6 address, since every site gets at
 * least that many addresses (RFC 6177).
 * @param host as in `PeerAddress`
 */
export function hostGroup(host: string): string {
  if (!host.includes(':')) return host
  const [address = ''] = host.split('%', 1)
  const [left = '', right = ''] = address.split('::', 2)
  const before = groupsOf(left)
  const after = groupsOf(right)
  const zeros = Array<string>(Math.max(0, GROUPS - before.length - after.length)).fill('0')
  return `${[...before, ...zeros, ...after].slice(0, NETWORK_GROUPS).join(':')}::/64`
}

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':')
}
