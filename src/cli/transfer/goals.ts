import type { TorrentStatus } from '../session/session-port.js'

/** When a torrent is left; without any of them it goes on until it is stopped. */
export interface Goals {
  readonly exitWhenComplete: boolean
  /** Bytes uploaded for each byte of the content, over all sessions. */
  readonly ratio?: number | undefined
  /** Over all sessions that had such a goal. */
  readonly seedTimeSeconds?: number | undefined
  /** How long nothing may move before the download is given up. */
  readonly timeoutSeconds?: number | undefined
}

export type GoalReached = 'complete' | 'ratio' | 'seed-time'

/** The goal that a complete torrent has reached, the first one that applies. */
export function goalReached(
  { exitWhenComplete, ratio, seedTimeSeconds }: Goals,
  { history, total }: Pick<TorrentStatus, 'history' | 'total'>,
): GoalReached | undefined {
  if (exitWhenComplete) return 'complete'
  if (ratio !== undefined && history.uploaded >= ratio * total) return 'ratio'
  if (seedTimeSeconds !== undefined && history.seedingSeconds >= seedTimeSeconds) return 'seed-time'
  return undefined
}

/** Bytes uploaded for each byte of the content, over all sessions; undefined where there is no content. */
export function ratioOf({ history, total }: Pick<TorrentStatus, 'history' | 'total'>): number | undefined {
  return total === 0 ? undefined : history.uploaded / total
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
