/**
 * Why a datagram was not handed on or not sent: `unknown` belongs to no protocol, `unused` to one that nothing here speaks, `too-large`
 * is longer than any message, `full` did not fit into the send queue, `no-family` has no socket that reaches its address,
 * `failed` was refused by the system.
 */
export type DropReason = 'unknown' | 'unused' | 'too-large' | 'full' | 'no-family' | 'failed'

/** Counts of datagrams that were dropped. */
export class DropCounts {
  readonly #counts = new Map<DropReason, number>()

  add(reason: DropReason): void {
    this.#counts.set(reason, this.of(reason) + 1)
  }

  of(reason: DropReason): number {
    return this.#counts.get(reason) ?? 0
  }

  /** For the debug log; empty where nothing was dropped. */
  toString(): string {
    return [...this.#counts].map(([reason, count]) => `${reason} ${count}`).join(', ')
  }
}
