// The keys beside the info dictionary, which no hash covers: BEP 5 (nodes of the DHT), BEP 12 (tiers of trackers), BEP 19 (web seeds),
// the creator.
// None of them can make a torrent unusable, so odd values are ignored with a warning.

import { textStart } from '../../../base/text-pieces.js'
import type { BencodeValue } from '../../bencode/value.js'
import { canonicalHost, isHostName, isPort } from '../../peer-address.js'
import { type LongTexts, MAX_TEXT_BYTES, type Metainfo, type NamedNode } from '../metainfo.js'
import { BYTES, type Fields, INTEGER, LIST } from './fields.js'

/** More addresses are ignored. */
const MAX_URLS = 1_000

const MAX_URL_LENGTH = 8_192

/** More nodes are ignored: one that answers is enough. */
const MAX_NODES = 100

export type Announcement = Pick<
  Metainfo,
  'trackers' | 'webSeeds' | 'nodes' | 'comment' | 'createdBy' | 'creationDate'
> & {
  readonly longTexts: LongTexts
}

/** @param document the whole torrent */
export function readAnnouncement(document: Fields): Announcement {
  const comment = readText(document, 'comment')
  const createdBy = readText(document, 'created by')
  return {
    trackers: readTrackers(document),
    webSeeds: new UrlReader('url-list', document).read(document.value.get('url-list')),
    nodes: readNodes(document),
    comment: comment && textStart(comment, MAX_TEXT_BYTES),
    createdBy: createdBy && textStart(createdBy, MAX_TEXT_BYTES),
    longTexts: {
      ...(comment && comment.length > MAX_TEXT_BYTES ? { comment } : {}),
      ...(createdBy && createdBy.length > MAX_TEXT_BYTES ? { createdBy } : {}),
    },
    creationDate: readCreationDate(document),
  }
}

/** The `.utf-8` twin of a key goes first, as its encoding is known. */
function readText(document: Fields, key: string): Uint8Array | undefined {
  const inUtf8 = document.optional(`${key}.utf-8`, BYTES)
  const text = inUtf8 === undefined || inUtf8.length === 0 ? document.optional(key, BYTES) : inUtf8
  return text === undefined || text.length === 0 ? undefined : text
}

function readCreationDate(document: Fields): number | undefined {
  const seconds = document.optional('creation date', INTEGER)
  if (seconds === undefined || seconds >= 0) return seconds
  document.note('creation date', 'ignored, must be seconds since 1970')
  return undefined
}

/** BEP 12: `announce` counts only where there is no `announce-list`. */
function readTrackers(document: Fields): string[][] {
  const single = new UrlReader('announce', document).read(document.value.get('announce'))
  const list = document.value.get('announce-list')
  if (list !== undefined && list.type !== 'list') {
    document.warn('announce-list', 'ignored, must be a list of lists')
  }
  const reader = new UrlReader('announce-list', document)
  const tiers: string[][] = []
  for (const value of list?.children() ?? []) {
    const tier = reader.read(value)
    if (tier.length > 0) tiers.push(tier)
    if (reader.isFull) break
  }
  if (tiers.length > 0) return tiers
  return single.length > 0 ? [single] : []
}

/** BEP 5: each a list of a host and a port. */
function readNodes(document: Fields): NamedNode[] {
  const nodes: NamedNode[] = []
  let isOdd = false
  for (const value of document.optional('nodes', LIST)?.children() ?? []) {
    if (nodes.length === MAX_NODES) break
    const node = readNode(value)
    if (node === undefined) isOdd = true
    else nodes.push(node)
  }
  if (isOdd) document.note('nodes', 'what is no node of the DHT is ignored')
  return nodes
}

function readNode(value: BencodeValue): NamedNode | undefined {
  if (value.type !== 'list') return undefined
  const [hostValue, portValue] = value.children()
  const text = hostValue?.text ?? ''
  const host = canonicalHost(text) ?? (isHostName(text) ? text : undefined)
  const port = portValue?.integer ?? 0
  return host !== undefined && isPort(port) ? { host, port } : undefined
}

/** Reads addresses, each once, from a string or a list of strings, whichever of both the key should have. */
class UrlReader {
  readonly #key: string
  readonly #document: Fields
  readonly #seen = new Set<string>()
  #hasWarned = false
  /** True once there are more addresses than are read. */
  isFull = false

  constructor(key: string, document: Fields) {
    this.#key = key
    this.#document = document
  }

  read(value: BencodeValue | undefined): string[] {
    if (value === undefined) return []
    const urls: string[] = []
    for (const item of value.type === 'list' ? value.children() : [value]) {
      const string = item.string
      if (string === undefined || string.length > MAX_URL_LENGTH) {
        this.#warn('what is no address is ignored')
        continue
      }
      const url = item.text?.trim() ?? ''
      if (url === '' || this.#seen.has(url)) continue
      if (this.#seen.size === MAX_URLS) {
        this.#warn(`more than ${MAX_URLS} addresses, the rest is ignored`)
        this.isFull = true
        break
      }
      this.#seen.add(url)
      urls.push(url)
    }
    return urls
  }

  #warn(what: string): void {
    if (!this.#hasWarned) this.#document.warn(this.#key, what)
    this.#hasWarned = true
  }
}
