import { median } from '../scenarios/measures.js'
import { type Aim, type Figure, isReached } from '../scenarios/scenario.js'

/** One figure of several runs. */
export interface Summary extends Figure {
  readonly least: number
  readonly greatest: number
}

/** Each figure's median, with the least and the greatest of all runs. */
export function summarize(runs: readonly (readonly Figure[])[]): Summary[] {
  const [first = []] = runs
  return first.map((figure, index) => {
    const values = runs.map(figures => figures[index]?.value ?? Number.NaN)
    return { ...figure, value: median(values), least: Math.min(...values), greatest: Math.max(...values) }
  })
}

/** A line for each figure: its name, its value, and whether that reaches the aim. */
export function figuresText(summaries: readonly Summary[], runs: number): string {
  const width = Math.max(0, ...summaries.map(({ name }) => name.length))
  return summaries
    .map(summary => {
      const { name, value, unit, least, greatest, aim } = summary
      const range = runs > 1 ? ` (${numberText(least)} to ${numberText(greatest)})` : ''
      const verdict = aim === undefined ? '' : `  ${aimText(aim, unit)}: ${isReached(summary) ? 'yes' : 'NO'}`
      return `  ${name.padEnd(width)}  ${numberText(value).padStart(8)} ${unit}${range}${verdict}`
    })
    .join('\n')
}

function aimText(aim: Aim, unit: string): string {
  return 'atLeast' in aim ? `at least ${aim.atLeast} ${unit}` : `at most ${aim.atMost} ${unit}`
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return 'never'
  return Number.isInteger(value) ? String(value) : value.toFixed(Math.abs(value) < 10 ? 3 : 1)
}
