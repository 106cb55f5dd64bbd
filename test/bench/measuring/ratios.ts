import type { Sample } from './measure.js'

/** The middle of several runs. */
export interface Medians extends Sample {
  readonly wallRangeMs: readonly [fastest: number, slowest: number]
}

export function mediansOf(samples: readonly Sample[]): Medians {
  const walls = samples.map(({ wallMs }) => wallMs)
  return {
    wallMs: median(walls),
    cpuMs: median(samples.map(({ cpuMs }) => cpuMs)),
    peakBytes: median(samples.map(({ peakBytes }) => peakBytes)),
    wallRangeMs: [Math.min(...walls), Math.max(...walls)],
  }
}

/** How ours compares with the other: ratios of the medians, so that they agree with the figures beside them. */
export interface Ratios {
  /** More than 1: ours is faster. */
  readonly speed: number
  /** Less than 1: ours does with less. */
  readonly time: number
  readonly cpu: number
  readonly peak: number
}

export function ratiosOf(ours: Medians, others: Medians): Ratios {
  return {
    speed: others.wallMs / ours.wallMs,
    time: ours.wallMs / others.wallMs,
    cpu: ours.cpuMs / others.cpuMs,
    peak: ours.peakBytes / others.peakBytes,
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}
