import { type Comparison, type Curve, type Figures, isReached, type Verdict } from '../bench-case.js'
import { type Medians, mediansOf, ratiosOf } from '../measuring/ratios.js'
import { type TableStyle, tableOf } from './table.js'

/** What came of one case. */
export interface Result {
  readonly name: string
  readonly title: string
  readonly figures: Figures
  /** Runs that stalled or crashed and were made once more. */
  readonly repeats: readonly string[]
}

/** The figures of one case, for people. */
export function reportOf(result: Result, style: TableStyle): string {
  const { name, title, figures, repeats } = result
  const heading = style === 'markdown' ? `**${name}**: ${title}\n` : `${name}: ${title}`
  const table = figures.type === 'comparison' ? comparisonTable(figures, style) : curveTable(figures, style)
  const note = figures.type === 'comparison' && figures.note !== undefined ? [`\n${figures.note}`] : []
  const again = repeats.map(repeat => `repeated: ${repeat}`)
  return [heading, table, ...note, ...again].join('\n')
}

/** As it is kept: a comparison with its medians and ratios beside the samples. */
export function toKept({ figures, ...rest }: Result): object {
  if (figures.type === 'curve') return { ...rest, figures }
  const { ours, others } = figures
  const medians = { ours: mediansOf(ours), others: mediansOf(others) }
  return { ...rest, figures: { ...figures, medians, ratios: ratiosOf(medians.ours, medians.others) } }
}

/** What came of all cases. */
export function summaryOf(results: readonly Result[], style: TableStyle): string {
  return [comparisonsTable(results, style), verdictTable(results, style)]
    .filter(table => table !== '')
    .join('\n\n')
}

/** All comparisons that move bytes, a line each; empty where there is none. */
function comparisonsTable(results: readonly Result[], style: TableStyle): string {
  const rows = results.flatMap(({ name, figures }) => {
    if (figures.type !== 'comparison' || figures.bytes === undefined) return []
    const { ours, others, other, bytes } = figures
    const [own, their] = [mediansOf(ours), mediansOf(others)]
    const { speed, cpu } = ratiosOf(own, their)
    const pair = (figure: (medians: Medians) => string) => [figure(own), figure(their)]
    return [
      [
        name,
        other,
        ...pair(({ wallMs }) => rate(bytes, wallMs)),
        times(speed),
        ...pair(({ cpuMs }) => seconds((cpuMs / bytes) * 1e9)),
        times(cpu),
        ...pair(({ peakBytes }) => megabytes(peakBytes)),
      ],
    ]
  })
  const columns = ['case', 'other', 'MB/s', 'other', '', 'CPU s/GB', 'other', '', 'peak MB', 'other']
  return rows.length > 0 ? tableOf(columns, rows, style) : ''
}

/** Each figure beside what it was to reach, wins and losses alike; empty where there is none. */
function verdictTable(results: readonly Result[], style: TableStyle): string {
  const rows = results.flatMap(({ name, figures }) =>
    figures.verdicts.map(verdict => [
      name,
      verdict.figure,
      quantity(verdict.value, verdict),
      `${verdict.bound} ${quantity(verdict.aim, verdict)}`,
      isReached(verdict) ? 'reached' : 'missed',
    ]),
  )
  return rows.length > 0 ? tableOf(['case', 'figure', 'measured', 'aim', ''], rows, style) : ''
}

function comparisonTable({ ours, others, other, bytes }: Comparison, style: TableStyle): string {
  const [own, their] = [mediansOf(ours), mediansOf(others)]
  const { speed, time, cpu, peak } = ratiosOf(own, their)
  if (bytes === undefined) {
    const rows = [shortRow('torrent', own), shortRow(other, their), ['ratio', times(time), '', times(peak)]]
    return tableOf(['', 'ms', '(range)', 'peak MB'], rows, style)
  }
  const rows = [
    row('torrent', own, bytes),
    row(other, their, bytes),
    ['ratio', '', '', times(speed), times(cpu), '', times(peak)],
  ]
  return tableOf(['', 'wall s', '(range)', 'MB/s', 'CPU s', 'CPU s/GB', 'peak MB'], rows, style)
}

function curveTable({ columns, rows }: Curve, style: TableStyle): string {
  return tableOf(columns, rows, style)
}

function row(label: string, { wallMs, cpuMs, peakBytes, wallRangeMs }: Medians, bytes: number): string[] {
  return [
    label,
    seconds(wallMs),
    `(${wallRangeMs.map(seconds).join('–')})`,
    rate(bytes, wallMs),
    seconds(cpuMs),
    seconds((cpuMs / bytes) * 1e9),
    megabytes(peakBytes),
  ]
}

function shortRow(label: string, { wallMs, wallRangeMs, peakBytes }: Medians): string[] {
  const range = wallRangeMs.map(ms => ms.toFixed(0)).join('–')
  return [label, wallMs.toFixed(1), `(${range})`, megabytes(peakBytes)]
}

function quantity(value: number, { unit }: Verdict): string {
  const rounded = Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toFixed(2)))
  return unit === '×' ? `× ${rounded}` : `${rounded} ${unit}`
}

/** In MB/s. */
function rate(bytes: number, ms: number): string {
  return (bytes / 1000 / ms).toFixed(0)
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0)
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(2)
}

function times(ratio: number): string {
  return `×${ratio.toFixed(2)}`
}
