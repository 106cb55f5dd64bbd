import type { Contributor } from './contributor.js'

/** Bytes of a block's digest. */
const DIGEST_LENGTH = 32

/** Blocks of bad copies whose senders and digests are kept: some 3 MiB. The oldest are replaced. */
const MAX_BLOCKS = 65_536

interface BadCopy {
  /** The contributor that sent each block. */
  readonly senders: readonly (Contributor | undefined)[]
  /** SHA-256 of each block, one after the other. */
  readonly digests: Uint8Array
}

/** The result for contributors that had a part in the bad copies of a piece. */
export interface Findings {
  /** They sent at least one bad block. */
  readonly liars: ReadonlySet<Contributor>
  /** All blocks that they sent were good. */
  readonly innocent: ReadonlySet<Contributor>
}

/**
 * Copies of pieces that were bad. Once a good copy of a piece, or the hashes of its blocks (BEP 52), are known, each
 * contributor that sent a block which differs from them is found, and no other.
 */
export class BadCopies {
  readonly #byPiece = new Map<number, BadCopy[]>()
  #blocks = 0

  has(piece: number): boolean {
    return this.#byPiece.has(piece)
  }

  /** @param digests 32 bytes for each of the `senders` */
  add(piece: number, senders: readonly (Contributor | undefined)[], digests: Uint8Array): void {
    const copies = this.#byPiece.get(piece)
    if (copies === undefined) this.#byPiece.set(piece, [{ senders, digests }])
    else copies.push({ senders, digests })
    this.#blocks += senders.length
    for (const oldest of this.#byPiece.keys()) {
      if (this.#blocks <= MAX_BLOCKS) return
      this.#delete(oldest)
    }
  }

  /**
   * Compares the bad copies of a piece with the digests of a good one, and forgets them.
   * @param good the digests of its blocks
   */
  judge(piece: number, good: Uint8Array): Findings {
    const liars = new Set<Contributor>()
    const all = new Set<Contributor>()
    for (const { senders, digests } of this.#byPiece.get(piece) ?? []) {
      for (const [block, sender] of senders.entries()) {
        if (sender === undefined) continue
        all.add(sender)
        if (differs(digests, good, block)) liars.add(sender)
      }
    }
    this.#delete(piece)
    return { liars, innocent: new Set([...all].filter(sender => !liars.has(sender))) }
  }

  #delete(piece: number): void {
    for (const { senders } of this.#byPiece.get(piece) ?? []) this.#blocks -= senders.length
    this.#byPiece.delete(piece)
  }
}

function differs(a: Uint8Array, b: Uint8Array, block: number): boolean {
  for (let at = block * DIGEST_LENGTH; at < (block + 1) * DIGEST_LENGTH; at++)
    if (a[at] !== b[at]) return true
  return false
}
