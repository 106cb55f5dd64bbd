import { type Paint, plain } from './palette.js'
import { widthOf } from './text.js'

/** A label, and the lines that stand beside it; without lines the row is left out. */
export type TableRow = readonly [label: string, lines: readonly string[]]

/** Labels in one column, what they stand for in the next. */
export function table(rows: readonly TableRow[], paint: Paint = plain): string {
  const shown = rows.filter(([, lines]) => lines.length > 0)
  const labelColumns = Math.max(0, ...shown.map(([label]) => widthOf(label)))
  return shown
    .flatMap(([label, lines]) =>
      lines.map((line, i) => {
        const head = i === 0 ? label : ''
        return `${paint('dim', head)}${' '.repeat(labelColumns - widthOf(head))}  ${line}`
      }),
    )
    .join('\n')
}
