// IP addresses as text and as bytes in network order. RFC 4291 says how IPv6 is read, RFC 5952 how it is written.

const MAX_IPV6_TEXT = 45
const GROUPS = 8
const MAPPED_PREFIX = [0, 0, 0, 0, 0, 0xffff]

/** The 4 bytes of an IPv4 address in four decimal parts; undefined for anything else, shorthands included. */
export function parseIPv4(text: string): Uint8Array | undefined {
  const parts = text.split('.', 5)
  const isDecimal =
    parts.length === 4 && parts.every(part => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)
  return isDecimal ? Uint8Array.from(parts, Number) : undefined
}

/** The 16 bytes of an IPv6 address without a zone; undefined for anything else. */
export function parseIPv6(text: string): Uint8Array | undefined {
  if (text.length > MAX_IPV6_TEXT) return undefined
  const [before = '', behind, ...more] = text.split('::')
  const head = groupsOf(before, behind === undefined)
  const tail = groupsOf(behind ?? '', true)
  if (head === undefined || tail === undefined || more.length > 0) return undefined
  const missing = GROUPS - head.length - tail.length
  // `::` stands for one group at least.
  if (behind === undefined ? missing !== 0 : missing < 1) return undefined
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail]
  return Uint8Array.from(groups.flatMap(group => [group >>> 8, group & 0xff]))
}

/** IPv4 in four decimal parts, IPv6 as RFC 5952 has it. */
export function formatIP(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from(
    { length: GROUPS },
    (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0),
  )
  const zeros = longestZeros(groups)
  const hex = (some: readonly number[]): string => some.map(group => group.toString(16)).join(':')
  if (zeros.length < 2) return hex(groups)
  return `${hex(groups.slice(0, zeros.start))}::${hex(groups.slice(zeros.start + zeros.length))}`
}

/** The IPv4 address that an IPv6 one maps (`::ffff:192.0.2.1`); any other address as it is. */
export function withoutMapping(bytes: Uint8Array): Uint8Array {
  const isMapped =
    bytes.length === 16 &&
    MAPPED_PREFIX.every((group, i) => bytes[2 * i] === group >>> 8 && bytes[2 * i + 1] === (group & 0xff))
  return isMapped ? bytes.slice(12) : bytes
}

/** The groups between colons; where the address ends with them, the last may be an IPv4 address. */
function groupsOf(text: string, isEnd: boolean): number[] | undefined {
  if (text === '') return []
  const groups: number[] = []
  const parts = text.split(':')
  for (const [at, part] of parts.entries()) {
    const ipv4 = isEnd && at === parts.length - 1 ? parseIPv4(part) : undefined
    if (ipv4 !== undefined) {
      const [a = 0, b = 0, c = 0, d = 0] = ipv4
      groups.push((a << 8) | b, (c << 8) | d)
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16))
    else return undefined
  }
  return groups
}

/** The longest run of zeros, the first of several. */
function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let longest = { start: 0, length: 0 }
  let length = 0
  for (const [at, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0
    if (length > longest.length) longest = { start: at + 1 - length, length }
  }
  return longest
}
