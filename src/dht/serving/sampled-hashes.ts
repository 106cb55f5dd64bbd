// BEP 51: samples of the info hashes that are stored here.

import type { DhtLimits } from '../limits.js'
import type { PeerStore } from './peer-store.js'

/** The same samples for all that ask within an interval, so that asking more often shows nothing more. */
export class SampledHashes {
  readonly #peers: PeerStore
  readonly #limits: DhtLimits
  #hashes: readonly string[] = []
  #drawnAt = Number.NEGATIVE_INFINITY

  constructor(peers: PeerStore, limits: DhtLimits) {
    this.#peers = peers
    this.#limits = limits
  }

  /** Info hashes in hexadecimal, and the seconds until there are others: 0 where these are all there are. */
  at(now: number): { readonly hashes: readonly string[]; readonly interval: number } {
    const { samples, sampleMs } = this.#limits
    if (this.#peers.hashCount <= samples) return { hashes: this.#peers.sample(samples), interval: 0 }
    if (now - this.#drawnAt >= sampleMs) {
      this.#hashes = this.#peers.sample(samples)
      this.#drawnAt = now
    }
    return { hashes: this.#hashes, interval: Math.ceil((this.#drawnAt + sampleMs - now) / 1_000) }
  }
}
