// BEP 14: the datagram by which a client tells its local network which torrents it has.

import { fromHex, toHex, toUtf8 } from '../base/bytes.js'
import { type AddressFamily, isPort } from './peer-address.js'

/** Where announces are sent to: a multicast group of each family, and one port. */
export const LOCAL_GROUPS: Readonly<Record<AddressFamily, string>> = {
  ipv4: '239.192.152.143',
  ipv6: 'ff15::efc0:988f',
}
export const LOCAL_PORT = 6771

/** As many as fit in the 1,400 bytes that BEP 14 sets as a limit, at the longest of everything else. */
export const MAX_ANNOUNCED_HASHES = 25

/** Longer datagrams are none of this protocol. */
const MAX_DATAGRAM_BYTES = 1_500

const HASH_BYTES = 20

const latin1Decoder = new TextDecoder('latin1')

export interface LocalAnnounce {
  /** Where the sender listens for peers. */
  readonly port: number
  /** 20 bytes each, at most `MAX_ANNOUNCED_HASHES`. */
  readonly infoHashes: readonly Uint8Array[]
  /** By which a sender knows its own announces. */
  readonly cookie: string | undefined
}

/** The datagram for the group of a family. */
export function encodeLocalAnnounce(family: AddressFamily, announce: LocalAnnounce): Uint8Array {
  const { port, infoHashes, cookie } = announce
  const group = family === 'ipv6' ? `[${LOCAL_GROUPS.ipv6}]` : LOCAL_GROUPS.ipv4
  const lines = [
    'BT-SEARCH * HTTP/1.1',
    `Host: ${group}:${LOCAL_PORT}`,
    `Port: ${port}`,
    ...infoHashes.map(hash => `Infohash: ${toHex(hash)}`),
    ...(cookie === undefined ? [] : [`cookie: ${cookie}`]),
    // Two empty lines end it.
    '',
    '',
    '',
  ]
  return toUtf8(lines.join('\r\n'))
}

/**
 * Reads a datagram. Headers may come in any order and in any case. Unknown ones are skipped, as are hashes that are malformed and
 * those beyond `MAX_ANNOUNCED_HASHES`. Undefined where it is no announce, or announces nothing.
 */
export function decodeLocalAnnounce(datagram: Uint8Array): LocalAnnounce | undefined {
  if (datagram.length > MAX_DATAGRAM_BYTES) return undefined
  const [request = '', ...lines] = latin1Decoder.decode(datagram).split(/\r?\n/)
  if (!/^BT-SEARCH \* HTTP\/1\.\d$/i.test(request)) return undefined
  let port = 0
  let cookie: string | undefined
  const infoHashes = new Map<string, Uint8Array>()
  for (const [name, value] of headersOf(lines)) {
    if (name === 'port') port = /^\d{1,5}$/.test(value) ? Number(value) : 0
    else if (name === 'cookie') cookie = value
    else if (name === 'infohash' && infoHashes.size < MAX_ANNOUNCED_HASHES) {
      const hash = fromHex(value)
      if (hash?.length === HASH_BYTES) infoHashes.set(value.toLowerCase(), hash)
    }
  }
  if (!isPort(port) || infoHashes.size === 0) return undefined
  return { port, infoHashes: [...infoHashes.values()], cookie }
}

/** Names in lower case, with their values, up to the first empty line. */
function* headersOf(lines: readonly string[]): Generator<[name: string, value: string]> {
  for (const line of lines) {
    if (line === '') return
    const colon = line.indexOf(':')
    yield [line.slice(0, Math.max(0, colon)).trim().toLowerCase(), line.slice(colon + 1).trim()]
  }
}
