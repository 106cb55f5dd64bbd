// BEP 9: an info dictionary that came from peers becomes a .torrent (BEP 3, 12, 19, 52).

import { concatBytes, fromHex, toUtf8 } from '../../base/bytes.js'
import type { Steps } from '../../base/steps.js'
import { encodeBencodeInSteps } from '../bencode/encode.js'
import type { Metainfo } from './metainfo.js'

/** The bytes of a .torrent with these trackers, web seeds and piece layers. */
export function* wrapInfoInSteps({
  infoBytes,
  trackers,
  webSeeds,
  pieceLayers,
}: Pick<Metainfo, 'infoBytes' | 'trackers' | 'webSeeds' | 'pieceLayers'>): Steps<Uint8Array> {
  const urls = trackers.flat()
  const before = yield* encodeBencodeInSteps({
    announce: urls[0],
    'announce-list': urls.length > 1 ? trackers.map(tier => [...tier]) : undefined,
  })
  const after = yield* encodeBencodeInSteps({
    'piece layers': pieceLayers.size > 0 ? new Map(byRawRoot(pieceLayers)) : undefined,
    'url-list': webSeeds.length > 0 ? [...webSeeds] : undefined,
  })
  // Keys are in order: those before and behind `info`, whose bytes must not change.
  return concatBytes([before.subarray(0, -1), toUtf8('4:info'), infoBytes, after.subarray(1)])
}

function* byRawRoot(layers: Metainfo['pieceLayers']): Iterable<[root: Uint8Array, layer: Uint8Array]> {
  for (const [hex, layer] of layers) {
    const root = fromHex(hex)
    if (root !== undefined) yield [root, layer]
  }
}
