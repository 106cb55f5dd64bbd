import type { Picker } from '../pick/picker.js'
import { BadCopies } from './bad-copies.js'
import type { Contributor } from './contributor.js'

export interface VerdictEvents {
  /** A piece is here and verified. */
  verified(piece: number): void
  /** A piece turned out bad; its bytes may go. */
  discarded(piece: number): void
  /** A piece turned out bad, and it is not known who of several sent the bad blocks. */
  suspected(piece: number): void
  /** Someone sent bad data, beyond doubt. */
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
 * Whether pieces are good, and if not, whose fault that is. Nobody is caught but who sent all of a bad copy, or a block that
 * differs from a good one: a good copy tells, or the hashes of blocks that peers give (BEP 52). Others who had a part in a bad
 * one are on parole: they get whole pieces to themselves until one of these is good, so that a liar among them is caught by the
 * next lie.
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

  /** The bytes of a complete piece are right. */
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

  /** It is known what the blocks of a piece hash to when they are good (SHA-256, 32 bytes each). */
  blockHashesKnown(piece: number, hashes: Uint8Array): void {
    const { liars, innocent } = this.#badCopies.judge(piece, hashes)
    for (const contributor of innocent) {
      contributor.strikes--
      contributor.isSuspect = false
    }
    for (const liar of liars) this.#events.caught(liar, piece)
  }

  /** They are wrong. The piece is fetched anew as soon as it is known what of it was whose. */
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
   * Whether a source may be asked for a piece of which a bad copy came: those that had a part in it come last, and of them those
   * last that had a part in most.
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
