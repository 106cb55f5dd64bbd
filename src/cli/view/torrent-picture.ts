import { toHex } from '../../base/bytes.js'
import { printable } from '../../base/printable.js'
import { cutForPeople } from '../../base/text-pieces.js'
import type { Magnet } from '../../protocol/magnet.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import { formatAddress } from '../../protocol/peer-address.js'
import { isoDate, shownAddresses } from '../torrents/torrent-facts.js'
import { formatBytes, formatCount } from '../values/units.js'
import { fileTree } from './file-tree.js'
import type { Paint } from './palette.js'
import { type TableRow, table } from './table.js'
import { counted } from './text.js'

const VERSIONS = { v1: 'v1', v2: 'v2', hybrid: 'hybrid (v1 and v2)' } as const

/** Of a text from outside, in UTF-16 units: as much as people read. `--json` has all of it. */
const MAX_TEXT = 2_000
const MAX_LINE = 300
const MAX_ADDRESSES = 20

export interface PictureOptions {
  readonly paint: Paint
  /** Of the file tree; with it, of long lists of addresses only the beginning is shown. */
  readonly maxLines?: number | undefined
  /** The hint how to see all of it, as in `--all shows them`. */
  readonly hint?: string | undefined
  /** Whether files stand behind their numbers, as `--select` takes them. */
  readonly isNumbered?: boolean
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

/** The output of `info` for a magnet link. */
export function magnetPicture(magnet: Magnet, { paint, maxLines }: PictureOptions): string {
  const { trackers, webSeeds } = shownAddresses(magnet)
  const isCut = maxLines !== undefined
  return table(
    [
      ['name', textLines(magnet.name, MAX_LINE)],
      ...hashRows(magnet),
      ['trackers', addressLines(trackers.flat(), isCut)],
      ['web seeds', addressLines(webSeeds, isCut)],
      ['peers', addressLines(magnet.peers.map(formatAddress), isCut)],
    ],
    paint,
  )
}

/** `1.46 KiB (1,500 bytes)`. */
export function sizeInWords(bytes: number): string {
  return bytes < 1024 ? counted(bytes, 'byte') : `${formatBytes(bytes)} (${formatCount(bytes)} bytes)`
}

function hashRows({ infoHashV1, infoHashV2 }: Pick<Metainfo, 'infoHashV1' | 'infoHashV2'>): TableRow[] {
  return [
    ['info hash v1', hashLines(infoHashV1)],
    ['info hash v2', hashLines(infoHashV2)],
  ]
}

function hashLines(hash: Uint8Array | undefined): string[] {
  return hash === undefined ? [] : [toHex(hash)]
}

function textLines(text: string | undefined, maxUnits: number): string[] {
  return text === undefined || text === '' ? [] : [shownText(text, maxUnits)]
}

function shownText(text: string, maxUnits: number): string {
  return cutForPeople(printable(cutForPeople(text, maxUnits)), maxUnits)
}

/** One a line, the first ones of a long list. */
function addressLines(addresses: readonly string[], isCut: boolean): string[] {
  const isLong = isCut && addresses.length > MAX_ADDRESSES
  const lines = addresses
    .slice(0, isLong ? MAX_ADDRESSES : undefined)
    .map(address => (isCut ? shownText(address, MAX_LINE) : printable(address)))
  return isLong ? [...lines, `… and ${formatCount(addresses.length - MAX_ADDRESSES)} more`] : lines
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
