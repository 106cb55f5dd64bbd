import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import { isoDate, shownAddresses } from '../torrents/torrent-facts.js'
import { formatBytes, formatCount } from '../values/units.js'
import { fileTree } from './file-tree.js'
import type { Paint } from './palette.js'
import {
  addressLines,
  hashLines,
  hashRows,
  MAX_LINE,
  MAX_TEXT,
  shownText,
  textLines,
} from './picture-rows.js'
import { table } from './table.js'
import { counted } from './text.js'

const VERSIONS = { v1: 'v1', v2: 'v2', hybrid: 'hybrid (v1 and v2)' } as const

export interface PictureOptions {
  readonly paint: Paint
  /** Of the file tree; with it, of long lists of addresses only the beginning is shown. */
  readonly maxLines?: number | undefined
  /** The hint how to see all of it, as in `--all shows them`. */
  readonly hint?: string | undefined
}

/** The output of `info` for a torrent, in chunks of lines: a table, and the tree of its files if there are several. */
export function* torrentPicture(
  metainfo: Metainfo,
  magnet: string,
  options: PictureOptions,
): Generator<string> {
  const { paint } = options
  const [only] = metainfo.entries
  const isCut = options.maxLines !== undefined
  const { trackers, webSeeds } = shownAddresses(metainfo)
  yield table(
    [
      ['name', [paint('bold', shownText(metainfo.name, MAX_LINE))]],
      ['size', [sizeInWords(metainfo.size)]],
      ['files', metainfo.isFolder ? [formatCount(countFiles(metainfo))] : []],
      ['pieces', [`${formatCount(metainfo.pieceCount)} of ${formatBytes(metainfo.pieceLength)}`]],
      ['format', [VERSIONS[metainfo.version]]],
      ...hashRows(metainfo),
      ['sha256', metainfo.isFolder || only?.type !== 'file' ? [] : hashLines(only.sha256)],
      ['trackers', addressLines(tierLines(trackers), isCut)],
      ['web seeds', addressLines(webSeeds, isCut)],
      ['dht nodes', addressLines(metainfo.nodes.map(formatAddress), isCut)],
      ['private', metainfo.isPrivate ? ['yes'] : []],
      ['source', textLines(metainfo.source, MAX_LINE)],
      ['comment', textLines(metainfo.comment, MAX_TEXT)],
      ['created', textLines(creationLine(metainfo), MAX_LINE)],
      ['magnet', [magnet]],
    ],
    paint,
  )
  if (!metainfo.isFolder) return
  yield ''
  yield* fileTree(shownText(metainfo.name, MAX_LINE), metainfo.entries, options)
}

/** `1.46 KiB (1,500 bytes)`. */
export function sizeInWords(bytes: number): string {
  return bytes < 1024 ? counted(bytes, 'byte') : `${formatBytes(bytes)} (${formatCount(bytes)} bytes)`
}

/** One tracker a line, with the number of its tier where there are several. */
function tierLines(tiers: readonly (readonly string[])[]): string[] {
  const isNumbered = tiers.length > 1
  return tiers.flatMap((tier, i) => tier.map(url => (isNumbered ? `${i + 1}  ${url}` : url)))
}

function creationLine({ creationDate, createdBy }: Metainfo): string | undefined {
  const when = creationDate === undefined ? undefined : isoDate(creationDate)
  if (when === undefined) return createdBy === undefined ? undefined : `by ${createdBy}`
  return createdBy === undefined ? when : `${when} by ${createdBy}`
}

export function countFiles({ entries }: Pick<Metainfo, 'entries'>): number {
  let count = 0
  for (const entry of entries) if (entry.type === 'file') count++
  return count
}
