// BEP 12: trackers in tiers.

import { type Random, shuffle } from '../base/random.js'

/**
 * The trackers of a torrent, tier by tier, each tier shuffled once. Which of them to announce to: BEP 12 reads as if a
 * tier were asked only when all before it have failed. We do as transmission does, and ask the first tracker
 * that works in every tier: torrents in the wild put each tracker in a tier of its own, swarms are split between
 * them, and a dead first tier then costs no announce a minute.
 */
export class TierList {
  readonly #tiers: string[][]
  readonly #known = new Set<string>()
  readonly #limit: number

  /** `limit` is the most trackers that are taken; a torrent may name any number. */
  constructor(tiers: readonly (readonly string[])[], random: Random, limit: number) {
    this.#limit = limit
    this.#tiers = tiers
      .map(tier =>
        udpFirst(
          shuffle(
            tier.filter(url => this.#isNew(url)),
            random,
          ),
        ),
      )
      .filter(tier => tier.length > 0)
  }

  get tiers(): readonly (readonly string[])[] {
    return this.#tiers
  }

  /** Adds a tracker as the last tier; false where it is known already or there is no room. */
  add(url: string): boolean {
    if (!this.#isNew(url)) return false
    this.#tiers.push([url])
    return true
  }

  /** Moves a tracker that answered to the front of its tier, as BEP 12 has it. */
  promote(url: string): void {
    const tier = this.#tiers.find(candidates => candidates.includes(url))
    if (tier === undefined) return
    tier.splice(tier.indexOf(url), 1)
    tier.unshift(url)
  }

  #isNew(url: string): boolean {
    if (this.#known.has(url) || this.#known.size >= this.#limit) return false
    this.#known.add(url)
    return true
  }
}

/**
 * Of trackers that are on one host, those over UDP take the places of those over HTTP before them: an announce costs both sides
 * less. The others stay where they are.
 */
function udpFirst(urls: readonly string[]): string[] {
  const ofHost = new Map<string, string[]>()
  for (const url of urls) ofHost.set(hostOf(url), [...(ofHost.get(hostOf(url)) ?? []), url])
  for (const [host, own] of ofHost)
    ofHost.set(
      host,
      own.toSorted((a, b) => Number(isUdp(b)) - Number(isUdp(a))),
    )
  return urls.flatMap(url => ofHost.get(hostOf(url))?.shift() ?? [])
}

function isUdp(url: string): boolean {
  return /^udp:/i.test(url)
}

/** The address itself where it has no host. */
function hostOf(url: string): string {
  const { hostname } = URL.canParse(url) ? new URL(url) : { hostname: '' }
  return hostname === '' ? url : hostname.toLowerCase()
}
