import type { Picker } from '../pick/picker.js'
import { BadCopies } from './bad-copies.js'
import type { Contributor } from './contributor.js'

export interface VerdictEvents {
  /** A piece is here and verified. */
  verified(piece: number): void
  /** A piece is bad; its bytes may be discarded. */
  discarded(piece: number): void
  /** A piece is bad, and it is not known which of several contributors sent the bad blocks. */
  suspected(piece: number): void
  /** A contributor sent bad data for certain. */
  caught(contributor: Contributor, piece: number): void
}

/** A source as it is judged. */
export interface JudgedSource {
  readonly contributor: Contributor
  canSend(piece: number): boolean
}

export interface VerdictWorld {
  /** As in `TorrentWorld`. */
  digestBlocks(piece: number, use: (digests: Uint8Array | undefined) => void): void
}

/**
 * Decides whether pieces are good, and if not, which contributor is to blame. A contributor is caught when it sent every block of
 * a bad copy, or a block that differs from a good one, which a good copy tells, or hashes of blocks from peers (BEP 52). Other
 * contributors to a bad copy are suspects: they get whole pieces to themselves until one of these is good, so that the next bad
 * copy of one that sends bad blocks can only be its own.
 */
export class Verdicts {
  readonly #picker: Picker
  readonly #sources: ReadonlySet<JudgedSource>
  readonly #world: VerdictWorld
  readonly #events: VerdictEvents
  readonly #badCopies = new BadCopies()

  constructor(
    picker: Picker,
    sources: ReadonlySet<JudgedSource>,
    world: VerdictWorld,
    events: VerdictEvents,
  ) {
    this.#picker = picker
    this.#sources = sources
    this.#world = world
    this.#events = events
  }

  /** A complete piece is good. */
  good(piece: number): void {
    const contributors = this.#picker.verified(piece)?.contributors ?? new Set()
    for (const contributor of contributors) {
      contributor.strikes--
      if (contributors.size === 1) contributor.isSuspect = false
    }
    this.#events.verified(piece)
    if (!this.#badCopies.has(piece)) return
    this.#world.digestBlocks(piece, digests => {
      if (digests !== undefined) this.blockHashesKnown(piece, digests)
    })
  }

  /** The digests of the good blocks of a piece are known (SHA-256, 32 bytes each). */
  blockHashesKnown(piece: number, hashes: Uint8Array): void {
    const { liars, innocent } = this.#badCopies.judge(piece, hashes)
    for (const contributor of innocent) {
      contributor.strikes--
      contributor.isSuspect = false
    }
    for (const liar of liars) this.#events.caught(liar, piece)
  }

  /** A complete piece is bad. It is fetched anew once the digests of its blocks are kept. */
  bad(piece: number): void {
    const download = this.#picker.verifying(piece)
    const contributors = download?.contributors ?? new Set()
    if (download === undefined || contributors.size === 1) {
      this.#fetchAnew(piece)
      for (const liar of contributors) this.#events.caught(liar, piece)
      return
    }
    for (const contributor of contributors) {
      contributor.strikes++
      contributor.isSuspect = true
    }
    this.#world.digestBlocks(piece, digests => {
      if (digests !== undefined) this.#badCopies.add(piece, download.senders, digests)
      this.#fetchAnew(piece)
      if (digests !== undefined) this.#events.suspected(piece)
    })
  }

  /**
   * Whether a piece that had a bad copy may be requested from a source: suspects of this piece come last, those with the most
   * strikes behind the others.
   */
  trusts({ contributor }: JudgedSource, piece: number): boolean {
    const { suspicions } = this.#picker
    if (!suspicions.isSuspect(piece, contributor)) return true
    for (const other of this.#sources) {
      if (!other.canSend(piece)) continue
      const isBetter = other.contributor.strikes < contributor.strikes
      if (isBetter || !suspicions.isSuspect(piece, other.contributor)) return false
    }
    return true
  }

  #fetchAnew(piece: number): void {
    this.#events.discarded(piece)
    this.#picker.failed(piece)
  }
}
