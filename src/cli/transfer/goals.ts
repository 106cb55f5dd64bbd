import type { TorrentStatus } from '../../client/task/torrent-events.js'

/** When a torrent is left; without any of them it goes on until it is stopped. */
export interface Goals {
  readonly exitWhenComplete: boolean
  /** Bytes given for each byte of the content. */
  readonly ratio?: number | undefined
  readonly seedTimeSeconds?: number | undefined
  /** How long nothing may move before the download is given up. */
  readonly timeoutSeconds?: number | undefined
}

export type GoalReached = 'complete' | 'ratio' | 'seed-time'

/** The goal that a torrent has reached which has been complete for so long, the first one that applies. */
export function goalReached(
  goals: Goals,
  status: Pick<TorrentStatus, 'uploaded' | 'total'>,
  completeForSeconds: number,
): GoalReached | undefined {
  if (goals.exitWhenComplete) return 'complete'
  if (goals.ratio !== undefined && status.uploaded >= goals.ratio * status.total) return 'ratio'
  if (goals.seedTimeSeconds !== undefined && completeForSeconds >= goals.seedTimeSeconds) return 'seed-time'
  return undefined
}

/** Notices when a download stands still. Times are milliseconds of one clock. */
export class Stillness {
  #moved = -1
  #since: number

  constructor(now: number) {
    this.#since = now
  }

  /** How long nothing has moved, in seconds: waiting for peers counts, checking and hashing what is there does not. */
  secondsAt(now: number, status: TorrentStatus): number {
    const moved = status.downloaded + status.uploaded
    if (moved !== this.#moved || status.state !== 'downloading') {
      this.#moved = moved
      this.#since = now
    }
    return (now - this.#since) / 1000
  }
}
