// BEP 6, allowed fast: pieces that help a new peer begin while it is choked.

import type { UploadQueue } from './upload-queue.js'

/** A choked peer, as far as it matters here. */
export interface ChokedPeer {
  readonly isChoked: boolean
  readonly uploadQueue: Pick<UploadQueue, 'length'>
}

/** The choker's decisions, as far as they matter here. */
export interface ChokedPeerJudge<Peer> {
  stuckMs(peer: Peer, now: number): number
  isPenalized(peer: Peer, now: number): boolean
}

/** Choked peers that are served at a time: a crowd of new peers would leave nothing for the unchoked ones. */
const MAX_SERVED = 1

/** A choked peer that has read nothing for 3 s leaves its place to another. */
const STUCK_MS = 3_000

/** Which choked peers are served the pieces that they are allowed fast. */
export class ChokedService<Peer extends ChokedPeer> {
  readonly #peers: ReadonlySet<Peer>
  readonly #judge: ChokedPeerJudge<Peer>
  readonly #onStuck: (peer: Peer, now: number) => void
  /** Those that are served, and since when (ms). */
  readonly #served = new Map<Peer, number>()

  /**
   * @param peers all peers of the torrent
   * @param onStuck is called with a peer that is no longer served, since it reads nothing of what it requested
   */
  constructor(
    peers: ReadonlySet<Peer>,
    judge: ChokedPeerJudge<Peer>,
    onStuck: (peer: Peer, now: number) => void,
  ) {
    this.#peers = peers
    this.#judge = judge
    this.#onStuck = onStuck
  }

  /** Whether a choked peer is served from now on, or is already. */
  admits(peer: Peer, now: number): boolean {
    for (const [other, since] of this.#served) {
      if (!other.isChoked || other.uploadQueue.length === 0 || !this.#peers.has(other)) {
        this.#served.delete(other)
      } else if (Math.min(now - since, this.#judge.stuckMs(other, now)) >= STUCK_MS) {
        this.#served.delete(other)
        this.#onStuck(other, now)
      }
    }
    const hasPlace = this.#served.size < MAX_SERVED && !this.#judge.isPenalized(peer, now)
    if (hasPlace) this.#served.set(peer, now)
    return this.#served.has(peer)
  }
}
