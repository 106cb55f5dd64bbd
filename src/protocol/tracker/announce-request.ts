// BEP 3, 7, 21, 23: what a peer tells a tracker, in the query of a GET.

import { toHex } from '../../base/bytes.js'
import { isPort } from '../peer-address.js'
import { TrackerMessageError } from './message-error.js'
import { percentDecode, percentEncode, queryPairs } from './percent.js'

/** `paused`: nothing more is wanted although something is missing (BEP 21); every announce of such a peer says so. */
export type AnnounceEvent = 'started' | 'completed' | 'stopped' | 'paused'

/** Whether a peer can begin connections encrypted, or takes no others. */
export type AnnouncedEncryption = 'supported' | 'required'

export interface AnnounceRequest {
  /** 20 bytes: the v1 info hash, or the truncated v2 one (BEP 52). */
  readonly infoHash: Uint8Array
  /** 20 bytes (BEP 20). */
  readonly peerId: Uint8Array
  /** Where the peer takes connections; 0 where it takes none. */
  readonly port: number
  /** Bytes since `started`. */
  readonly uploaded: number
  readonly downloaded: number
  /** Bytes still to download; 0 for a seeder. */
  readonly left: number
  /** Undefined for the announces in between. */
  readonly event: AnnounceEvent | undefined
  /** How many peers are wanted; undefined leaves it to the tracker. */
  readonly numwant: number | undefined
  /** False asks for the dictionaries of BEP 3 instead of the packed peers of BEP 23. */
  readonly compact: boolean
  /** Peer ids may be left out of dictionaries. */
  readonly noPeerId: boolean
  /** 32 bits that stay the same when the address changes (BEP 7). */
  readonly key: number | undefined
  /** The `tracker id` that the tracker gave, sent back as it was. */
  readonly trackerId: Uint8Array | undefined
  readonly encryption: AnnouncedEncryption | undefined
}

const MAX_QUERY_CHARACTERS = 8192
const MAX_TRACKER_ID = 512
/** The port that clients announce to which nobody can connect; some still want peers, which they can connect to. */
const UNREACHABLE_PORT = 0

/**
 * The address to GET: the tracker's own with the request in its query. Bytes of the two hashes are escaped one by
 * one, so no reader of URLs changes them on the way.
 */
export function announceUrl(tracker: string, request: AnnounceRequest): string {
  const parameters = [
    `info_hash=${percentEncode(request.infoHash)}`,
    `peer_id=${percentEncode(request.peerId)}`,
    `port=${request.port}`,
    `uploaded=${request.uploaded}`,
    `downloaded=${request.downloaded}`,
    `left=${request.left}`,
    `compact=${request.compact ? 1 : 0}`,
  ]
  if (request.noPeerId) parameters.push('no_peer_id=1')
  if (request.event !== undefined) parameters.push(`event=${request.event}`)
  if (request.numwant !== undefined) parameters.push(`numwant=${request.numwant}`)
  if (request.key !== undefined) parameters.push(`key=${keyText(request.key)}`)
  if (request.trackerId !== undefined) parameters.push(`trackerid=${percentEncode(request.trackerId)}`)
  if (request.encryption !== undefined) parameters.push('supportcrypto=1')
  if (request.encryption === 'required') parameters.push('requirecrypto=1')
  return withQuery(tracker, parameters)
}

/** Adds parameters to an address, behind the query that it may have and before its fragment, which is dropped. */
export function withQuery(address: string, parameters: readonly string[]): string {
  const [base = ''] = address.split('#', 1)
  const joint = !base.includes('?') ? '?' : /[?&]$/.test(base) ? '' : '&'
  return `${base}${joint}${parameters.join('&')}`
}

/**
 * Reads the query of an announce (without the `?`). Of a key that stands twice the first counts. An address that a
 * client names (`ip`) is not read: anybody could point a swarm at a stranger with it. What is optional and makes no sense
 * counts as absent.
 * @throws {TrackerMessageError} for a key that has to be there and is not, or is not what it has to be
 */
export function parseAnnounceQuery(query: string): AnnounceRequest {
  const values = readQuery(query)
  const infoHash = twentyBytes(values, 'info_hash')
  const peerId = twentyBytes(values, 'peer_id')
  const port = requiredNumber(values, 'port')
  if (port === undefined) throw missing('port')
  if (port !== UNREACHABLE_PORT && !isPort(port)) throw malformed('port', 'not a port from 0 to 65535')
  const left = wholeNumber(values, 'left')
  const numwant = wholeNumber(values, 'numwant')
  const trackerId = values.get('trackerid')
  return {
    infoHash,
    peerId,
    port,
    uploaded: Math.max(0, wholeNumber(values, 'uploaded') ?? 0),
    downloaded: Math.max(0, wholeNumber(values, 'downloaded') ?? 0),
    // Clients that do not know the size yet say nothing or −1: that is a leecher.
    left: left === undefined || left < 0 ? Number.MAX_SAFE_INTEGER : left,
    event: eventOf(values.get('event')),
    numwant: numwant === undefined || numwant < 0 ? undefined : numwant,
    compact: values.get('compact') !== '0',
    noPeerId: values.get('no_peer_id') === '1',
    key: keyOf(values.get('key')),
    trackerId: trackerId === undefined ? undefined : trackerIdOf(trackerId),
    encryption: encryptionOf(values),
  }
}

/**
 * The info hash that a query names, percent-decoded.
 * @throws {TrackerMessageError} where it is not 20 bytes
 */
export function infoHashOf(escaped: string): Uint8Array {
  const bytes = percentDecode(escaped)
  if (bytes === undefined) throw malformed('info_hash', 'a broken percent escape')
  if (bytes.length !== 20) throw malformed('info_hash', `${bytes.length} bytes instead of 20`)
  return bytes
}

function readQuery(query: string): Map<string, string> {
  if (query.length > MAX_QUERY_CHARACTERS) {
    throw new TrackerMessageError('too-long', `longer than ${MAX_QUERY_CHARACTERS} characters`, { key: '' })
  }
  const values = new Map<string, string>()
  for (const [key, value] of queryPairs(query)) if (!values.has(key)) values.set(key, value)
  return values
}

function encryptionOf(values: Map<string, string>): AnnouncedEncryption | undefined {
  if (values.get('requirecrypto') === '1') return 'required'
  return values.get('supportcrypto') === '1' ? 'supported' : undefined
}

function trackerIdOf(escaped: string): Uint8Array | undefined {
  const bytes = percentDecode(escaped)
  return bytes !== undefined && bytes.length <= MAX_TRACKER_ID ? bytes : undefined
}

function bytesOf(values: Map<string, string>, key: string): Uint8Array | undefined {
  const escaped = values.get(key)
  if (escaped === undefined) return undefined
  const bytes = percentDecode(escaped)
  if (bytes === undefined) throw malformed(key, 'a broken percent escape')
  return bytes
}

function twentyBytes(values: Map<string, string>, key: 'info_hash' | 'peer_id'): Uint8Array {
  const bytes = bytesOf(values, key)
  if (bytes === undefined) throw missing(key)
  if (bytes.length !== 20) throw malformed(key, `${bytes.length} bytes instead of 20`)
  return bytes
}

/** Undefined where the key is absent, empty or no whole number; what is too large to be exact becomes the largest that is. */
function wholeNumber(values: Map<string, string>, key: string): number | undefined {
  const text = values.get(key) ?? ''
  if (!/^-?\d{1,20}$/.test(text)) return undefined
  return Math.max(Math.min(Number(text), Number.MAX_SAFE_INTEGER), Number.MIN_SAFE_INTEGER)
}

/** As `wholeNumber`, but throws for what is there and is no whole number. */
function requiredNumber(values: Map<string, string>, key: string): number | undefined {
  const number = wholeNumber(values, key)
  if (number === undefined && values.get(key)) throw malformed(key, 'not a whole number')
  return number
}

/** Events that no one knows are no reason to turn a peer away. */
function eventOf(text: string | undefined): AnnounceEvent | undefined {
  switch (text) {
    case 'started':
    case 'completed':
    case 'stopped':
    case 'paused':
      return text
    default:
      return undefined
  }
}

function keyText(key: number): string {
  return toHex(Uint8Array.of(key >>> 24, key >>> 16, key >>> 8, key))
}

/** Clients write their key as they like; one that is not up to 8 hexadecimal digits is passed over. */
function keyOf(text: string | undefined): number | undefined {
  return text !== undefined && /^[0-9a-f]{1,8}$/i.test(text) ? Number.parseInt(text, 16) : undefined
}

function missing(key: string): TrackerMessageError {
  return new TrackerMessageError('missing', `${key} is missing`, { key })
}

function malformed(key: string, what: string): TrackerMessageError {
  return new TrackerMessageError('malformed', `${key}: ${what}`, { key })
}
