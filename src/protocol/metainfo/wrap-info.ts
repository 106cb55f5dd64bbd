// BEP 9: an info dictionary that came from peers becomes a .torrent (BEP 3, 12, 19).

import { concatBytes, toUtf8 } from '../../base/bytes.js'
import { encodeBencode } from '../bencode/encode.js'
import type { Metainfo } from './metainfo.js'

/** The bytes of a .torrent with these trackers and web seeds, and without piece layers. */
export function wrapInfo({
  infoBytes,
  trackers,
  webSeeds,
}: Pick<Metainfo, 'infoBytes' | 'trackers' | 'webSeeds'>): Uint8Array {
  const urls = trackers.flat()
  const before = encodeBencode({
    announce: urls[0],
    'announce-list': urls.length > 1 ? trackers.map(tier => [...tier]) : undefined,
  })
  const after = encodeBencode({ 'url-list': webSeeds.length > 0 ? [...webSeeds] : undefined })
  // Keys are in order: those before and behind `info`, whose bytes must not change.
  return concatBytes([before.subarray(0, -1), toUtf8('4:info'), infoBytes, after.subarray(1)])
}
