// What stands beside the info dictionary and is nobody's to verify: BEP 12 (tiers of trackers), BEP 19 (web seeds),
// who made the torrent. Nothing in here makes a torrent unusable, so what is odd is passed over with a warning.

import type { BencodeValue } from '../../bencode/value.js'
import type { Metainfo } from '../metainfo.js'
import { type Fields, INTEGER, TEXT } from './fields.js'

/** More than this many addresses serve nobody. */
const MAX_URLS = 1_000

const MAX_URL_LENGTH = 8_192

type Announcement = Pick<Metainfo, 'trackers' | 'webSeeds' | 'comment' | 'createdBy' | 'creationDate'>

/** @param document the whole torrent */
export function readAnnouncement(document: Fields): Announcement {
  return {
    trackers: readTrackers(document),
    webSeeds: new UrlReader('url-list', document).read(document.value.get('url-list')),
    comment: readText(document, 'comment'),
    createdBy: readText(document, 'created by'),
    creationDate: readCreationDate(document),
  }
}

/** The `.utf-8` twin of a key goes first, as its encoding is known. */
function readText(document: Fields, key: string): string | undefined {
  return document.optional(`${key}.utf-8`, TEXT) || document.optional(key, TEXT) || undefined
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
  const tiers = (list?.items ?? []).map(tier => reader.read(tier)).filter(tier => tier.length > 0)
  if (tiers.length > 0) return tiers
  return single.length > 0 ? [single] : []
}

/** Reads addresses, each once, from a string or a list of strings, whichever of both the key should have. */
class UrlReader {
  readonly #key: string
  readonly #document: Fields
  readonly #seen = new Set<string>()
  #hasWarned = false

  constructor(key: string, document: Fields) {
    this.#key = key
    this.#document = document
  }

  read(value: BencodeValue | undefined): string[] {
    if (value === undefined) return []
    const urls: string[] = []
    for (const item of value.items ?? [value]) {
      const string = item.string
      if (string === undefined || string.length > MAX_URL_LENGTH) {
        this.#warn('what is no address is ignored')
        continue
      }
      const url = item.text?.trim() ?? ''
      if (url === '' || this.#seen.has(url)) continue
      if (this.#seen.size === MAX_URLS) {
        this.#warn(`more than ${MAX_URLS} addresses, the rest is ignored`)
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
