import type { History } from '../resume/history.js'

/** When enough was given back of a torrent. Infinite ones are never reached. */
export interface Goals {
  /** Bytes uploaded for each byte of the content, over all sessions. */
  readonly ratio?: number | undefined
  /** Over all sessions that had such a goal. */
  readonly seedTimeSeconds?: number | undefined
}

export type Goal = 'ratio' | 'seed-time'

/**
 * The goal that a torrent has reached, the first one that applies.
 * @param total bytes of its content
 */
export function reachedGoal(
  { ratio, seedTimeSeconds }: Goals,
  history: Pick<History, 'uploaded' | 'seedingSeconds'>,
  total: number,
): Goal | undefined {
  if (ratio !== undefined && history.uploaded >= ratio * total) return 'ratio'
  if (seedTimeSeconds !== undefined && history.seedingSeconds >= seedTimeSeconds) return 'seed-time'
  return undefined
}

/** True if seeding time has to be saved, since a goal depends on it. */
export function countsSeedingTime({ seedTimeSeconds = Number.POSITIVE_INFINITY }: Goals): boolean {
  return seedTimeSeconds !== Number.POSITIVE_INFINITY
}
