import type { Magnet } from '../../protocol/magnet.js'
import { formatAddress } from '../../protocol/peer-address.js'
import { shownAddresses } from '../torrents/torrent-facts.js'
import { addressLines, hashRows, MAX_LINE, textLines } from './picture-rows.js'
import { table } from './table.js'
import type { PictureOptions } from './torrent-picture.js'

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
