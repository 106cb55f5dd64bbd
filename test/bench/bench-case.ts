import type { Bench } from './bench.js'
import type { Sample } from './measuring/measure.js'
import type { Tool } from './tools.js'

/** Something that is measured: one row of the table of figures, or one curve of growth. */
export interface BenchCase {
  readonly name: string
  /** What is measured, for people. */
  readonly title: string
  /** What has to be installed for it. */
  readonly needs: readonly Tool[]
  run(bench: Bench): Promise<Figures>
}

export type Figures = Comparison | Curve

/** Two programs that did the same work in turns; the samples of each round stand at the same index. */
export interface Comparison {
  readonly type: 'comparison'
  readonly other: string
  /** Bytes that each run moves or hashes; undefined where only time counts. */
  readonly bytes: number | undefined
  readonly ours: readonly Sample[]
  readonly others: readonly Sample[]
  /** What else has to be known to read the figures, in a sentence. */
  readonly note: string | undefined
  readonly verdicts: readonly Verdict[]
}

/** How something grows: a small table. */
export interface Curve {
  readonly type: 'curve'
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number)[])[]
  readonly verdicts: readonly Verdict[]
}

/** A figure beside the one that is to be reached. */
export interface Verdict {
  /** Of what, for people: `speed against aria2`. */
  readonly figure: string
  readonly value: number
  readonly unit: '×' | 'MB' | 'KB' | 's' | 'ms' | '%'
  readonly bound: 'at least' | 'at most'
  readonly aim: number
}

export function isReached({ value, bound, aim }: Verdict): boolean {
  return bound === 'at least' ? value >= aim : value <= aim
}

export const FORMATS = ['v1', 'v2', 'hybrid'] as const
export type Format = (typeof FORMATS)[number]
