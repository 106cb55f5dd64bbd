import type { Sample } from './measure.js'

/** The samples of one case, by the name of the client, each round's in turn; libtorrent's are what ours are measured against. */
export interface Results {
  readonly torrent: Sample[]
  readonly libtorrent: Sample[]
}

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

/** How ours compares with the other: medians of the ratios round by round, since the machine's speed drifts. */
export interface Ratios {
  /** More than 1: ours is faster. */
  readonly speed: number
  /** Less than 1: ours does with less. */
  readonly cpu: number
  readonly peak: number
}

export function ratiosOf({ torrent, libtorrent }: Results): Ratios {
  const each = (ratio: (ours: Sample, other: Sample) => number) =>
    median(libtorrent.flatMap((other, round) => (torrent[round] ? [ratio(torrent[round], other)] : [])))
  return {
    speed: each((ours, other) => other.wallMs / ours.wallMs),
    cpu: each((ours, other) => ours.cpuMs / other.cpuMs),
    peak: each((ours, other) => ours.peakBytes / other.peakBytes),
  }
}

const COLUMNS = ['', 'wall s', '(range)', 'MB/s', 'CPU s', 'CPU s/GB', 'peak MB']

/** The table of a case; `size` are the bytes that each run moves. */
export function tableOf(results: Results, size: number): string {
  const { speed, cpu, peak } = ratiosOf(results)
  const rows = [
    COLUMNS,
    rowOf('torrent', mediansOf(results.torrent), size),
    rowOf('libtorrent', mediansOf(results.libtorrent), size),
    ['ratio', '', '', times(speed), times(cpu), '', times(peak)],
  ]
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)))
  return rows.map(row => alignedRow(row, widths)).join('\n')
}

function rowOf(label: string, medians: Medians, size: number): string[] {
  const { wallMs, cpuMs, peakBytes, wallRangeMs } = medians
  return [
    label,
    seconds(wallMs),
    wallRangeMs.map(seconds).join('–'),
    (size / 1000 / wallMs).toFixed(0),
    seconds(cpuMs),
    seconds((cpuMs / size) * 1e9),
    (peakBytes / 1e6).toFixed(0),
  ]
}

/** The first column to the left, figures to the right. */
function alignedRow(row: readonly string[], widths: readonly number[]): string {
  const cells = row.map((cell, column) => {
    const width = widths[column] ?? 0
    return column === 0 ? cell.padEnd(width) : cell.padStart(width)
  })
  return cells.join('  ').trimEnd()
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2)
}

function times(ratio: number): string {
  return `×${ratio.toFixed(2)}`
}
