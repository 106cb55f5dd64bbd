import { cutInMiddle } from '../../../base/text-pieces.js'
import type { ChangedNames } from './disk-names.js'

/** Names that are shown; the others are counted. */
const SHOWN = 3

/** Of a path that is shown, in UTF-16 units. */
const MAX_SHOWN = 200

/** A path in a message: both ends of a long one. */
export function nameInWords(path: string): string {
  return cutInMiddle(path, MAX_SHOWN)
}

/** A line about names that are not the torrent's; undefined where all of them were told before. */
export function changedNamesInWords(
  changed: ChangedNames,
  told: ChangedNames = new Map(),
): string | undefined {
  const news = [...changed].filter(([path, diskName]) => told.get(path) !== diskName)
  if (news.length === 0) return undefined
  const shown = news
    .slice(0, SHOWN)
    .map(([path, diskName]) => `"${nameInWords(path)}" is called "${nameInWords(diskName)}"`)
  const rest = news.length - shown.length
  return `${shown.join(', ')}${rest > 0 ? `, and ${rest} more have other names` : ''} on this disk`
}
