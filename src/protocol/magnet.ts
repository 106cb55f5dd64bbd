// BEP 9, BEP 52 and BEP 53: magnet links.

import { concatBytes, equalBytes, fromHex, fromUtf8, toHex, toUtf8 } from '../base/bytes.js'
import { CodedError } from '../base/errors.js'
import { cutForPeople } from '../base/text-pieces.js'
import { type FileRange, formatFileRanges, parseFileRanges } from './file-ranges.js'

export type MagnetErrorCode =
  /** Neither a magnet link nor an info hash. */
  | 'not-a-magnet'
  /** A magnet link without an info hash that BitTorrent knows. */
  | 'no-info-hash'
  /** An info hash that is malformed, or two that differ. */
  | 'bad-info-hash'
  | 'too-long'

export class MagnetError extends CodedError<MagnetErrorCode> {}

/** A peer that a link names (`x.pe`); the host is a name or an address, IPv6 without brackets. */
interface PeerHint {
  readonly host: string
  readonly port: number
}

/** The contents of a link, all of which a `Metainfo` has as well. There is at least one info hash. */
export interface MagnetSource {
  /** 20 bytes. */
  readonly infoHashV1: Uint8Array | undefined
  /** 32 bytes. */
  readonly infoHashV2: Uint8Array | undefined
  /** To be shown, not to be written to disk: it is as it came. */
  readonly name: string | undefined
  /** By tier. */
  readonly trackers: readonly (readonly string[])[]
  readonly webSeeds: readonly string[]
  /** Bytes of the whole content. */
  readonly size?: number | undefined
  readonly peers?: readonly PeerHint[]
  /**
   * The files that are to be downloaded (BEP 53), by their place in the torrent's own list, which counts pads, too; undefined where
   * the link does not say.
   */
  readonly selectOnly?: readonly FileRange[] | undefined
}

export interface Magnet extends MagnetSource {
  readonly size: number | undefined
  readonly peers: readonly PeerHint[]
  readonly selectOnly: readonly FileRange[] | undefined
  /** What in the link is malformed or too much, and not used: a line for each. */
  readonly warnings: readonly string[]
}

const MAX_LENGTH = 2 ** 16
/** Of the selection that a link is given, in characters. */
const MAX_SELECTION = 2 ** 15
/** Of a name in a link, in UTF-16 units; no file system holds one of more than 1,020 bytes. */
const MAX_NAME_LENGTH = 1_024
/** Of each of trackers, web seeds and peers; further ones are passed over. */
const MAX_ADDRESSES = 100
/** Further ones are only counted. */
const MAX_WARNINGS = 10
/** Of a value in a warning. */
const MAX_SHOWN_LENGTH = 80
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'
/** BEP 52: a multihash says what it is, here SHA-256 of 32 bytes. */
const SHA256_MULTIHASH = '1220'

/**
 * The magnet link of a torrent; tiers of trackers are not kept, as a link has none. It is no longer than `parseMagnet` reads:
 * trackers, web seeds and peers for which there is no room are left out.
 */
export function toMagnet(source: MagnetSource): string {
  const { infoHashV1, infoHashV2, name, size, selectOnly } = source
  const parts: string[] = []
  if (infoHashV1 !== undefined) parts.push(`xt=urn:btih:${toHex(infoHashV1)}`)
  if (infoHashV2 !== undefined) parts.push(`xt=urn:btmh:${SHA256_MULTIHASH}${toHex(infoHashV2)}`)
  if (name !== undefined) parts.push(`dn=${encodeText(cutForPeople(name, MAX_NAME_LENGTH))}`)
  if (size !== undefined) parts.push(`xl=${size}`)
  const only = selectOnly === undefined ? '' : formatFileRanges(selectOnly)
  // Part of it would select other files: a link without it selects all.
  if (only !== '' && only.length <= MAX_SELECTION) parts.push(`so=${only}`)
  let link = `magnet:?${parts.join('&')}`
  for (const part of optionalParts(source)) {
    if (link.length + 1 + part.length <= MAX_LENGTH) link += `&${part}`
  }
  return link
}

function* optionalParts({ trackers, webSeeds, peers = [] }: MagnetSource): Iterable<string> {
  for (const tier of trackers) for (const url of tier) yield `tr=${encodeText(url)}`
  for (const url of webSeeds) yield `ws=${encodeText(url)}`
  for (const { host, port } of peers) {
    yield `x.pe=${host.includes(':') ? `[${host}]` : encodeText(host)}:${port}`
  }
}

/**
 * Reads a magnet link. Each tracker is a tier of its own. Parameters that are unknown are passed over; what is malformed beside the info
 * hashes is, too, with a warning.
 * @throws {MagnetError}
 */
export function parseMagnet(text: string): Magnet {
  const link = text.trim()
  if (link.length > MAX_LENGTH) {
    throw new MagnetError('too-long', `the magnet link is longer than ${MAX_LENGTH} characters`, {})
  }
  if (!/^magnet:\?/i.test(link)) throw new MagnetError('not-a-magnet', 'not a magnet link', {})

  const hashes = new InfoHashes()
  let name: string | undefined
  let size: number | undefined
  let selectOnly: readonly FileRange[] | undefined
  const trackers = new Set<string>()
  const webSeeds = new Set<string>()
  const peers: PeerHint[] = []
  const warnings = new LinkWarnings()
  for (const [key, value] of parametersOf(link)) {
    switch (key) {
      case 'xt':
        hashes.read(value)
        break
      case 'dn':
        name ??= decodeText(value.replaceAll('+', ' ')) || undefined
        break
      case 'xl':
        if (/^\d{1,15}$/.test(value)) size ??= Number(value)
        else warnings.add(key, value, 'not a number of bytes')
        break
      case 'so': {
        const ranges = parseFileRanges(decodeText(value))
        if (ranges === undefined) warnings.add(key, value, 'not numbers of files, such as 0,2,4-7')
        selectOnly ??= ranges
        break
      }
      case 'tr':
      case 'ws': {
        const url = decodeText(value).trim()
        const urls = key === 'tr' ? trackers : webSeeds
        if (!/^[a-z][a-z0-9+.-]*:\/\/[^/]/i.test(url))
          warnings.add(key, value, 'not an address with a scheme')
        else if (urls.size < MAX_ADDRESSES) urls.add(url)
        else if (!urls.has(url)) warnings.add(key, value, `more than ${MAX_ADDRESSES} are not read`)
        break
      }
      case 'x.pe': {
        const peer = parsePeer(decodeText(value))
        if (peer === undefined) warnings.add(key, value, 'not a peer as host:port')
        else if (peers.length < MAX_ADDRESSES) peers.push(peer)
        else warnings.add(key, value, `more than ${MAX_ADDRESSES} are not read`)
      }
    }
  }
  if (hashes.v1 === undefined && hashes.v2 === undefined) {
    throw new MagnetError(
      'no-info-hash',
      'the magnet link has no BitTorrent info hash (xt=urn:btih or btmh)',
      {},
    )
  }
  return {
    infoHashV1: hashes.v1,
    infoHashV2: hashes.v2,
    name,
    size,
    selectOnly,
    trackers: [...trackers].map(url => [url]),
    webSeeds: [...webSeeds],
    peers,
    warnings: warnings.lines,
  }
}

/** Lines on what is malformed; a link may hold thousands of such parameters. */
class LinkWarnings {
  readonly #lines: string[] = []
  #count = 0

  get lines(): readonly string[] {
    const more = this.#count - this.#lines.length
    return more === 0 ? this.#lines : [...this.#lines, `${more} more parameters of the link are ignored`]
  }

  add(key: string, value: string, what: string): void {
    this.#count++
    if (this.#lines.length >= MAX_WARNINGS) return
    const shown = cutForPeople(value, MAX_SHOWN_LENGTH)
    this.#lines.push(`${key}=${shown} in the link is ignored: ${what}`)
  }
}

/** Keys and raw values; numbered keys (`tr.1`) and what HTML made of `&` are taken for what was meant. */
function* parametersOf(link: string): Iterable<[key: string, value: string]> {
  for (const part of link.slice(link.indexOf('?') + 1).split('&')) {
    const equals = part.indexOf('=')
    if (equals < 0) continue
    const key = part.slice(0, equals).toLowerCase().replace(/^amp;/, '')
    yield [key.replace(/\.\d+$/, ''), part.slice(equals + 1)]
  }
}

/** The info hashes of a link: one of each version, whatever other hashes (of other networks) stand beside them. */
class InfoHashes {
  v1: Uint8Array | undefined
  v2: Uint8Array | undefined

  read(topic: string): void {
    const [, kind, digits] = /^urn:(btih|btmh):(.*)$/i.exec(decodeText(topic)) ?? []
    if (kind === undefined || digits === undefined) return
    if (kind.toLowerCase() === 'btih') this.v1 = sameOrNew(this.v1, readHashV1(digits), digits)
    else this.v2 = sameOrNew(this.v2, readMultihash(digits), digits)
  }
}

function sameOrNew(known: Uint8Array | undefined, read: Uint8Array | undefined, digits: string): Uint8Array {
  const shown = JSON.stringify(digits.slice(0, 80))
  if (read === undefined) throw new MagnetError('bad-info-hash', `not an info hash: ${shown}`, {})
  if (known !== undefined && !equalBytes(known, read)) {
    throw new MagnetError('bad-info-hash', 'the magnet link has two info hashes that differ', {})
  }
  return read
}

function readHashV1(digits: string): Uint8Array | undefined {
  if (digits.length === 40) return fromHex(digits)
  return digits.length === 32 ? fromBase32(digits) : undefined
}

function readMultihash(digits: string): Uint8Array | undefined {
  return digits.length === 68 && digits.startsWith(SHA256_MULTIHASH) ? fromHex(digits.slice(4)) : undefined
}

/** RFC 4648, without padding. */
function fromBase32(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array((text.length * 5) / 8)
  let bits = 0
  let bitCount = 0
  let at = 0
  for (const digit of text.toLowerCase()) {
    const value = BASE32.indexOf(digit)
    if (value < 0) return undefined
    bits = ((bits << 5) | value) & 0xfff
    bitCount += 5
    if (bitCount < 8) continue
    bitCount -= 8
    bytes[at++] = bits >>> bitCount
  }
  return bytes
}

function parsePeer(text: string): PeerHint | undefined {
  const [, v6, name, digits] = /^(?:\[([0-9a-f:.%]+)\]|([^\s:[\]/@]+)):(\d{1,5})$/i.exec(text) ?? []
  const host = v6 ?? name
  const port = Number(digits)
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port }
}

/** As `encodeURIComponent`, for any text: what is no character becomes U+FFFD. */
function encodeText(text: string): string {
  return encodeURIComponent(fromUtf8(toUtf8(text)))
}

/** Undoes percent-encoding, byte by byte; what is not encoded right stands for itself. */
function decodeText(text: string): string {
  const parts = text
    .split(/((?:%[0-9a-f]{2})+)/i)
    .map((part, i) => (i % 2 === 1 ? fromHex(part.replaceAll('%', '')) : undefined) ?? toUtf8(part))
  return fromUtf8(concatBytes(parts))
}
