import type { TorrentStatus } from '../session/session-port.js'

/** Notices when a download stands still. Times are milliseconds of one clock. */
export class Stillness {
  #moved = -1
  #since: number

  constructor(now: number) {
    this.#since = now
  }

  /** Seconds without progress. Waiting for peers counts; checking and hashing files does not. */
  secondsAt(now: number, { state, downloaded, uploaded, metadata }: TorrentStatus): number {
    const isWaiting = state === 'downloading' || state === 'metadata'
    const moved = downloaded + uploaded + (metadata?.got ?? 0)
    if (moved !== this.#moved || !isWaiting) {
      this.#moved = moved
      this.#since = now
    }
    return (now - this.#since) / 1000
  }
}
