import { toHex } from '../../base/bytes.js'
import { unreachable } from '../../base/errors.js'
import { printable } from '../../base/printable.js'
import type { Magnet } from '../../protocol/magnet.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import { formatAddress } from '../../protocol/peer-address.js'
import { isoDate, shownAddresses } from '../torrents/torrent-facts.js'
import { formatBytes, formatCount } from '../values/units.js'
import { fileTree, type TreeFile } from './file-tree.js'
import type { Paint } from './palette.js'
import { type TableRow, table } from './table.js'
import { counted } from './text.js'

const VERSIONS = { v1: 'v1', v2: 'v2', hybrid: 'hybrid (v1 and v2)' } as const

export interface PictureOptions {
  readonly paint: Paint
  /** Of the file tree. */
  readonly maxLines?: number
}

/** What `info` shows of a torrent: a table, and the tree of its files where there is more than one. */
export function torrentPicture(metainfo: Metainfo, magnet: string, options: PictureOptions): string {
  const { paint } = options
  const [only] = metainfo.entries
  const facts = table(
    [
      ['name', [paint('bold', printable(metainfo.name))]],
      ['size', [sizeInWords(metainfo.size)]],
      ['files', metainfo.isFolder ? [formatCount(countFiles(metainfo))] : []],
      ['pieces', [`${formatCount(metainfo.pieceCount)} of ${formatBytes(metainfo.pieceLength)}`]],
      ['format', [VERSIONS[metainfo.version]]],
      ...hashRows(metainfo),
      ['sha256', metainfo.isFolder || only?.type !== 'file' ? [] : hashLines(only.sha256)],
      ['trackers', tierLines(shownAddresses(metainfo).trackers)],
      ['web seeds', shownAddresses(metainfo).webSeeds.map(printable)],
      ['private', metainfo.isPrivate ? ['yes'] : []],
      ['source', textLines(metainfo.source)],
      ['comment', textLines(metainfo.comment)],
      ['created', textLines(creationLine(metainfo))],
      ['magnet', [magnet]],
    ],
    paint,
  )
  if (!metainfo.isFolder) return facts
  return `${facts}\n\n${fileTree(metainfo.name, treeFiles(metainfo), options)}`
}

/** What `info` shows of a magnet link. */
export function magnetPicture(magnet: Magnet, paint: Paint): string {
  return table(
    [
      ['name', textLines(magnet.name)],
      ...hashRows(magnet),
      ['trackers', shownAddresses(magnet).trackers.flat().map(printable)],
      ['web seeds', shownAddresses(magnet).webSeeds.map(printable)],
      ['peers', magnet.peers.map(formatAddress).map(printable)],
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

function textLines(text: string | undefined): string[] {
  return text === undefined || text === '' ? [] : [printable(text)]
}

/** One tracker a line, with the number of its tier where there are several. */
function tierLines(tiers: Metainfo['trackers']): string[] {
  const isNumbered = tiers.length > 1
  return tiers.flatMap((tier, i) => tier.map(url => `${isNumbered ? `${i + 1}  ` : ''}${printable(url)}`))
}

function creationLine({ creationDate, createdBy }: Metainfo): string | undefined {
  const when = creationDate === undefined ? undefined : isoDate(creationDate)
  if (when === undefined) return createdBy === undefined ? undefined : `by ${createdBy}`
  return createdBy === undefined ? when : `${when} by ${createdBy}`
}

function countFiles({ entries }: Metainfo): number {
  let count = 0
  for (const entry of entries) if (entry.type === 'file') count++
  return count
}

function* treeFiles({ entries }: Metainfo): Generator<TreeFile> {
  for (const entry of entries) {
    switch (entry.type) {
      case 'file':
        yield { path: entry.path, length: entry.length }
        break
      case 'symlink':
        yield { path: entry.path, length: 0, remark: ` -> ${entry.target.join('/')}` }
        break
      case 'pad':
        break
      default:
        unreachable(entry)
    }
  }
}
