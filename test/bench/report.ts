import type { Sample } from './measure.js'

/** Samples of each contender, by comparison and label. */
export type Results = Map<string, Map<string, Sample[]>>

export interface Medians extends Sample {
  readonly rounds: number
  /** Slowest and fastest round. */
  readonly wallRangeMs: readonly [fastest: number, slowest: number]
}

export function record(results: Results, comparison: string, label: string, sample: Sample): void {
  const labels = results.get(comparison) ?? new Map<string, Sample[]>()
  results.set(comparison, labels)
  labels.set(label, [...(labels.get(label) ?? []), sample])
}

export function mediansOf(samples: readonly Sample[]): Medians {
  const walls = samples.map(({ wallMs }) => wallMs)
  return {
    rounds: samples.length,
    wallMs: median(walls),
    cpuMs: median(samples.map(({ cpuMs }) => cpuMs)),
    peakBytes: median(samples.map(({ peakBytes }) => peakBytes)),
    wallRangeMs: [Math.min(...walls), Math.max(...walls)],
  }
}

/** The table of a case; `size` are the bytes that each run moves. */
export function tableOf(results: Results, size: number): string {
  const rows = [['', '', 'wall s', '(range)', 'MB/s', 'CPU s', 'peak MiB']]
  for (const [comparison, labels] of results) {
    for (const [label, samples] of labels) {
      const { wallMs, cpuMs, peakBytes, wallRangeMs } = mediansOf(samples)
      rows.push([
        rows.at(-1)?.[0] === comparison ? '' : comparison,
        label,
        seconds(wallMs),
        wallRangeMs.map(seconds).join('–'),
        (size / 1000 / wallMs).toFixed(0),
        seconds(cpuMs),
        (peakBytes / 2 ** 20).toFixed(0),
      ])
    }
    rows.push(...ratioRow([...labels.values()].map(mediansOf)))
  }
  return align(rows)
}

/** The first contender in parts of the last one: less than 1 is better. */
function ratioRow(medians: readonly Medians[]): string[][] {
  const [first] = medians
  const last = medians.at(-1)
  if (first === undefined || last === undefined || first === last) return []
  const ratio = (a: number, b: number) => `×${(a / b).toFixed(2)}`
  return [
    [
      '',
      'first / last',
      ratio(first.wallMs, last.wallMs),
      '',
      '',
      ratio(first.cpuMs, last.cpuMs),
      ratio(first.peakBytes, last.peakBytes),
    ],
  ]
}

function align(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  return rows
    .map(row =>
      row
        .map((cell, column) =>
          column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2)
}
