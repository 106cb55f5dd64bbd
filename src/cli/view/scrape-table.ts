import { printable } from '../../base/printable.js'
import { formatCount } from '../values/units.js'
import { type Paint, plain } from './palette.js'

/** The figures of one swarm that a tracker gives; undefined where it gives none. */
export interface ScrapeRow {
  readonly seeders: number | undefined
  readonly leechers: number | undefined
  readonly downloads: number | undefined
  /** The tracker, and the swarm where the torrent has two. */
  readonly where: string
}

const HEADS = ['seeders', 'leechers', 'downloads'] as const
const GAP = '  '
const NOT_SAID = '–'

/** A line for each tracker, numbers first: addresses are of any length. */
export function scrapeTable(rows: readonly ScrapeRow[], paint: Paint = plain): string {
  const lines = rows.map(row => HEADS.map(head => countText(row[head])))
  const widths = HEADS.map((head, column) =>
    Math.max(head.length, ...lines.map(line => line[column]?.length ?? 0)),
  )
  const aligned = (cells: readonly string[]): string =>
    cells.map((cell, column) => cell.padStart(widths[column] ?? 0)).join(GAP)
  return [
    paint('dim', `${aligned(HEADS)}${GAP}tracker`),
    ...rows.map(({ where }, index) => `${aligned(lines[index] ?? [])}${GAP}${printable(where)}`),
  ].join('\n')
}

function countText(count: number | undefined): string {
  return count === undefined ? NOT_SAID : formatCount(count)
}
