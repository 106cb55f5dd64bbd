// What stands beside the info dictionary and is nobody's to verify: BEP 12 (tiers of trackers), BEP 19 (web seeds),
// who made the torrent. Nothing in here makes a torrent unusable, so what is odd is passed over with a warning.

import type { BencodeValue } from '../../bencode/value.js'
import type { Metainfo } from '../metainfo.js'
import type { Warnings } from './warnings.js'

/** More than this many addresses serve nobody. */
const MAX_URLS = 1_000

const MAX_URL_LENGTH = 8_192

type Announcement = Pick<Metainfo, 'trackers' | 'webSeeds' | 'comment' | 'createdBy' | 'creationDate'>

export function readAnnouncement(root: BencodeValue, warnings: Warnings): Announcement {
  return {
    trackers: readTrackers(root, warnings),
    webSeeds: new UrlReader('url-list', warnings).read(root.get('url-list')),
    comment: readText(root, 'comment', warnings),
    createdBy: readText(root, 'created by', warnings),
    creationDate: readCreationDate(root, warnings),
  }
}

/** The `.utf-8` twin of a key goes first, as its encoding is known. */
function readText(root: BencodeValue, key: string, warnings: Warnings): string | undefined {
  const value = root.get(`${key}.utf-8`) ?? root.get(key)
  if (value !== undefined && value.type !== 'string') warnings.add(`${key}: ignored, must be a string`)
  return value?.text || undefined
}

function readCreationDate(root: BencodeValue, warnings: Warnings): number | undefined {
  const value = root.get('creation date')
  const seconds = value?.integer
  if (seconds !== undefined && seconds >= 0) return seconds
  if (value !== undefined) warnings.add('creation date: ignored, must be seconds since 1970')
  return undefined
}

/** BEP 12: `announce` counts only where there is no `announce-list`. */
function readTrackers(root: BencodeValue, warnings: Warnings): string[][] {
  const reader = new UrlReader('announce-list', warnings)
  const list = root.get('announce-list')
  if (list !== undefined && list.type !== 'list') warnings.add('announce-list: ignored, must be a list')
  const tiers = (list?.items ?? []).map(tier => reader.read(tier)).filter(tier => tier.length > 0)
  if (tiers.length > 0) return tiers
  const single = new UrlReader('announce', warnings).read(root.get('announce'))
  return single.length > 0 ? [single] : []
}

/** Reads addresses, each once, from a string or a list of strings. */
class UrlReader {
  readonly #key: string
  readonly #warnings: Warnings
  readonly #seen = new Set<string>()
  #hasWarned = false

  constructor(key: string, warnings: Warnings) {
    this.#key = key
    this.#warnings = warnings
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
    if (!this.#hasWarned) this.#warnings.add(`${this.#key}: ${what}`)
    this.#hasWarned = true
  }
}
