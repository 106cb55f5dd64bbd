import type { CloseReason } from '../world.js'
import type { WebSeedContributor } from './contributor.js'
import type { BlockSource, SourceOwner } from './source.js'
import { WebSeed, type WebSeedIntroduction, type WebSeedOwner } from './web-seed.js'

interface WebSeedsOwner extends WebSeedOwner {
  readonly downloader: SourceOwner['downloader'] & { onRemoved(source: BlockSource): void }
}

/** The web servers that a torrent downloads from (BEP 19). */
export class WebSeeds {
  readonly #owner: WebSeedsOwner
  /** All sources of the torrent, peers among them. */
  readonly #sources: Set<BlockSource>
  readonly #seeds: Set<WebSeed>

  constructor(owner: WebSeedsOwner, sources: Set<BlockSource>, seeds: Set<WebSeed>) {
    this.#owner = owner
    this.#sources = sources
    this.#seeds = seeds
  }

  get size(): number {
    return this.#seeds.size
  }

  /** A server is asked for blocks from now on, until it is removed or banned. */
  add(introduction: WebSeedIntroduction): WebSeed {
    const seed = new WebSeed(this.#owner, introduction)
    this.#seeds.add(seed)
    this.#sources.add(seed)
    this.#owner.downloader.requestMore(seed)
    return seed
  }

  /** Nothing is wanted of it any more, nor can come. */
  remove(seed: WebSeed): void {
    this.#sources.delete(seed)
    if (this.#seeds.delete(seed)) this.#owner.downloader.onRemoved(seed)
  }

  /** It sent bad data for certain. */
  ban(contributor: WebSeedContributor, piece: number): void {
    contributor.isBanned = true
    for (const seed of this.#seeds)
      if (seed.contributor === contributor) this.drop(seed, 'banned', `sent bad data in piece ${piece}`)
  }

  /** As `remove`, and its connections end. */
  drop(seed: WebSeed, reason: CloseReason, detail: string): void {
    this.remove(seed)
    seed.link.close(reason, detail)
  }
}
