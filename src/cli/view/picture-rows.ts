// The rows that the pictures of torrents and of magnet links have in common.

import { toHex } from '../../base/bytes.js'
import { printable } from '../../base/printable.js'
import { cutForPeople } from '../../base/text-pieces.js'
import type { Magnet } from '../../protocol/magnet.js'
import { formatCount } from '../values/units.js'
import type { TableRow } from './table.js'

/** Of a text from outside, in UTF-16 units: as much as people read. `--json` has all of it. */
export const MAX_TEXT = 2_000
export const MAX_LINE = 300
const MAX_ADDRESSES = 20

export function hashRows({ infoHashV1, infoHashV2 }: Pick<Magnet, 'infoHashV1' | 'infoHashV2'>): TableRow[] {
  return [
    ['info hash v1', hashLines(infoHashV1)],
    ['info hash v2', hashLines(infoHashV2)],
  ]
}

export function hashLines(hash: Uint8Array | undefined): string[] {
  return hash === undefined ? [] : [toHex(hash)]
}

export function textLines(text: string | undefined, maxUnits: number): string[] {
  return text === undefined || text === '' ? [] : [shownText(text, maxUnits)]
}

export function shownText(text: string, maxUnits: number): string {
  return cutForPeople(printable(cutForPeople(text, maxUnits)), maxUnits)
}

/** One a line, the first ones of a long list. */
export function addressLines(addresses: readonly string[], isCut: boolean): string[] {
  const isLong = isCut && addresses.length > MAX_ADDRESSES
  const lines = addresses
    .slice(0, isLong ? MAX_ADDRESSES : undefined)
    .map(address => (isCut ? shownText(address, MAX_LINE) : printable(address)))
  return isLong ? [...lines, `… and ${formatCount(addresses.length - MAX_ADDRESSES)} more`] : lines
}
