import type { MetadataDraft } from './metadata-draft.js'

/** Drafts of which pieces are fetched and held, each of 30 MiB at most. */
const MAX_ACTIVE = 3

/** A draft has one turn of this length before one that waits and had no more turns replaces it; twice as long the next time. */
const FIRST_TURN_MS = 20_000

/** A draft of which no piece comes for this time is replaced by any that waits. */
const IDLE_MS = 5_000

interface Turn {
  /** How many it had, this one included. */
  count: number
  /** When it began to be fetched; undefined while it waits. */
  since: number | undefined
  /** When it was last replaced, in ms. */
  until: number
  lastPieceAt: number
}

/**
 * Which drafts are fetched, a few at a time: peers that lie about the size or the content must neither fill the memory nor keep those
 * that are right from being heard. Drafts take turns, each longer than the last; of those with equally many turns the one that most
 * peers state is first, all peers of an address, or /64, counted as one.
 */
export class DraftTurns<Peer extends { readonly group: string }> {
  readonly #turns = new Map<MetadataDraft<Peer>, Turn>()

  get drafts(): Iterable<MetadataDraft<Peer>> {
    return this.#turns.keys()
  }

  /** Whether its pieces are fetched now. */
  isActive(draft: MetadataDraft<Peer>): boolean {
    return this.#turns.get(draft)?.since !== undefined
  }

  /** The draft that is fetched from a peer alone, or from all that state a size. */
  find(size: number, only: Peer | undefined): MetadataDraft<Peer> | undefined {
    for (const draft of this.#turns.keys()) if (draft.size === size && draft.only === only) return draft
    return undefined
  }

  add(draft: MetadataDraft<Peer>): void {
    this.#turns.set(draft, { count: 0, since: undefined, until: Number.NEGATIVE_INFINITY, lastPieceAt: 0 })
  }

  delete(draft: MetadataDraft<Peer>): void {
    this.#turns.delete(draft)
  }

  clear(): void {
    this.#turns.clear()
  }

  pieceCame(draft: MetadataDraft<Peer>, now: number): void {
    const turn = this.#turns.get(draft)
    if (turn !== undefined) turn.lastPieceAt = now
  }

  /** Begins the turns of drafts that wait, as far as there is room or others give way. */
  update(now: number): void {
    for (let next = this.#next(now); next !== undefined; next = this.#next(now)) {
      const [draft, turn] = next
      if (this.#activeCount >= MAX_ACTIVE && !this.#makeRoom(turn.count, now)) return
      this.#turns.set(draft, { ...turn, count: turn.count + 1, since: now, lastPieceAt: now })
    }
  }

  get #activeCount(): number {
    let count = 0
    for (const { since } of this.#turns.values()) if (since !== undefined) count++
    return count
  }

  /** The draft that is to be fetched next, among those that wait and have peers. */
  #next(now: number): readonly [MetadataDraft<Peer>, Turn] | undefined {
    let best: readonly [MetadataDraft<Peer>, Turn] | undefined
    for (const entry of this.#turns) {
      const [draft, { since, until }] = entry
      if (since !== undefined || until === now || draft.peers.size === 0) continue
      if (best === undefined || goesBefore(entry, best)) best = entry
    }
    return best
  }

  /** @param count the turns of the draft that there is to be room for */
  #makeRoom(count: number, now: number): boolean {
    const leaving =
      this.#findActive(draft => draft.peers.size === 0) ??
      this.#findActive((_, { lastPieceAt }) => now - lastPieceAt >= IDLE_MS) ??
      this.#findActive(
        (_, turn) =>
          count <= turn.count && now - (turn.since ?? now) >= FIRST_TURN_MS * 2 ** (turn.count - 1),
      )
    if (leaving === undefined) return false
    const [draft, turn] = leaving
    draft.clear()
    turn.since = undefined
    turn.until = now
    // Without peers nothing is known of it any more.
    if (draft.peers.size === 0) this.delete(draft)
    return true
  }

  #findActive(
    isSo: (draft: MetadataDraft<Peer>, turn: Turn) => boolean,
  ): readonly [MetadataDraft<Peer>, Turn] | undefined {
    for (const [draft, turn] of this.#turns) {
      if (turn.since !== undefined && isSo(draft, turn)) return [draft, turn]
    }
    return undefined
  }
}

type Waiting = readonly [MetadataDraft<{ readonly group: string }>, Turn]

function goesBefore([a, { count: countA }]: Waiting, [b, { count: countB }]: Waiting): boolean {
  return countA === countB ? votesFor(a) > votesFor(b) : countA < countB
}

function votesFor(draft: MetadataDraft<{ readonly group: string }>): number {
  return new Set([...draft.peers].map(({ group }) => group)).size
}
