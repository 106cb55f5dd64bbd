/** How a table is drawn: for a terminal, or for a page. */
export type TableStyle = 'plain' | 'markdown'

type Cell = string | number

/** A table of rows under a heading; columns of figures stand to the right. */
export function tableOf(
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
  style: TableStyle,
): string {
  const cells = [columns, ...rows].map(row => columns.map((_, column) => String(row[column] ?? '')))
  const widths = columns.map((_, column) => Math.max(...cells.map(row => row[column]?.length ?? 0)))
  const isFigure = columns.map((_, column) => rows.every(row => isFigureLike(row[column] ?? '')))
  const lines = cells.map(row =>
    row.map((cell, column) => {
      const width = widths[column] ?? 0
      return isFigure[column] ? cell.padStart(width) : cell.padEnd(width)
    }),
  )
  if (style === 'plain') return lines.map(line => line.join('  ').trimEnd()).join('\n')
  const rule = widths.map((width, column) =>
    isFigure[column] ? `${'-'.repeat(Math.max(1, width - 1))}:` : '-'.repeat(Math.max(1, width)),
  )
  const [heading = [], ...body] = lines
  return [heading, rule, ...body].map(line => `| ${line.join(' | ')} |`).join('\n')
}

function isFigureLike(cell: Cell): boolean {
  return typeof cell === 'number' || cell === '' || /^[×(\d]/.test(cell)
}
