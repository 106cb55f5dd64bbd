import { toHex } from '../../base/bytes.js'
import { MAX_ANNOUNCED_HASHES } from '../../protocol/local-announce.js'

/** Milliseconds between two announces of this client, at least (BEP 14). */
const BETWEEN_MS = 60_000

/**
 * Milliseconds until a torrent is announced after 0, 1, and more announces of it. It is every five minutes (BEP 14), but for the
 * second one: a multicast datagram is lost more often than others, and with it the peers of the first minutes.
 */
const WAITS_MS = [0, 60_000, 300_000] as const

interface Entry {
  readonly infoHash: Uint8Array
  readonly dueAt: number
}

/**
 * Which info hashes are announced next, and when. One announce carries as many as fit, and there is one a minute at most; where more
 * are due than that, they take turns. Times are in milliseconds from any beginning.
 */
export class AnnounceTurns {
  /** By the number of announces. All in one wait equally long, so that each is in the order of time. */
  #queues = WAITS_MS.map(() => new Map<string, Entry>())
  #nextAt = Number.NEGATIVE_INFINITY

  /** A torrent to announce as soon as an announce may be sent. */
  add(infoHash: Uint8Array, now: number): void {
    this.delete(infoHash)
    this.#queues[0]?.set(toHex(infoHash), { infoHash, dueAt: now })
  }

  delete(infoHash: Uint8Array): void {
    const key = toHex(infoHash)
    for (const queue of this.#queues) queue.delete(key)
  }

  /** All of them are announced anew, as to a network that has not heard any. */
  restart(now: number): void {
    const all = this.#queues.flatMap(queue => [...queue.values()])
    this.#queues = WAITS_MS.map(() => new Map<string, Entry>())
    for (const { infoHash } of all) this.add(infoHash, now)
  }

  /** When the next announce is due; infinite where there is nothing to announce. */
  get dueAt(): number {
    const first = Math.min(...this.#queues.map(firstDueAt))
    return Math.max(first, this.#nextAt)
  }

  /** The info hashes of an announce that is sent now; none where none is due. */
  take(now: number): readonly Uint8Array[] {
    if (now < this.dueAt) return []
    const taken: { entry: Entry; announces: number }[] = []
    for (const [announces, queue] of this.#queues.entries()) {
      for (const entry of queue.values()) {
        if (entry.dueAt > now || taken.length === MAX_ANNOUNCED_HASHES) break
        taken.push({ entry, announces })
      }
    }
    this.#nextAt = now + BETWEEN_MS
    // Some clients read the first hash alone: it is another one the next time.
    for (const { entry, announces } of [...taken.slice(1), ...taken.slice(0, 1)]) {
      const stage = Math.min(announces + 1, WAITS_MS.length - 1)
      this.delete(entry.infoHash)
      this.#queues[stage]?.set(toHex(entry.infoHash), {
        infoHash: entry.infoHash,
        dueAt: now + (WAITS_MS[stage] ?? 0),
      })
    }
    return taken.map(({ entry }) => entry.infoHash)
  }
}

function firstDueAt(queue: ReadonlyMap<string, Entry>): number {
  const first = queue.values().next()
  return first.done ? Number.POSITIVE_INFINITY : first.value.dueAt
}
