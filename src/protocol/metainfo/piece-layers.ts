// BEP 52: the piece layers beside the info dictionary, each proven against the root of its file.

import { equalBytes, toHex } from '../../base/bytes.js'
import type { Steps } from '../../base/steps.js'
import type { Digests } from '../digests.js'
import { HASH_LENGTH, rootOfPieceLayerInSteps } from '../merkle.js'
import type { ContentEntry, FileEntry, Info } from './metainfo.js'
import type { Fields } from './reading/fields.js'

const LAYERS_A_STEP = 256

/**
 * The layers of all files longer than one piece, by hexadecimal pieces root. One that is missing is let through
 * with a warning, since peers have it; one that is wrong is not.
 * @param document the whole torrent
 * @throws {MetainfoError}
 */
export function* readPieceLayers(
  document: Fields,
  info: Pick<Info, 'pieceLength' | 'entries'>,
  digests: Digests,
): Steps<Map<string, Uint8Array>> {
  const dictionary = document.optionalDictionary('piece layers')
  const given = new Map<string, Uint8Array>()
  let unusable = 0
  for (const [root, value] of dictionary?.value.pairs() ?? []) {
    const layer = value.string
    if (root.length !== HASH_LENGTH || layer === undefined) unusable++
    else if (!given.has(toHex(root))) given.set(toHex(root), layer)
  }
  if (unusable > 0) document.warn('piece layers', `${unusable} ignored, a layer is a string under 32 bytes`)

  const proven = new Map<string, Uint8Array>()
  const missing = new Set<string>()
  for (const entry of info.entries) {
    if (!needsLayer(entry, info.pieceLength)) continue
    const root = toHex(entry.piecesRoot)
    const layer = given.get(root)
    if (layer === undefined) {
      missing.add(root)
      continue
    }
    const key = `piece layers.${root}`
    const expected = Math.ceil(entry.length / info.pieceLength) * HASH_LENGTH
    if (layer.length !== expected) {
      document.fail(key, 'inconsistent', `must be ${expected} bytes, is ${layer.length}`)
    }
    if (proven.has(root)) continue
    const found = yield* rootOfPieceLayerInSteps(layer, info.pieceLength, digests)
    if (!equalBytes(found, entry.piecesRoot)) {
      document.fail(key, 'inconsistent', 'does not lead to the pieces root')
    }
    proven.set(root, layer)
    // There may be a hundred thousand small layers.
    if (proven.size % LAYERS_A_STEP === 0) yield
  }

  const unknown = given.size - proven.size
  if (missing.size > 0) document.warn('piece layers', `${missing.size} missing, peers will be asked for them`)
  if (unknown > 0) {
    document.note('piece layers', `${unknown} ignored, no file longer than a piece has such a root`)
  }
  return proven
}

function needsLayer(
  entry: ContentEntry,
  pieceLength: number,
): entry is FileEntry & { readonly piecesRoot: Uint8Array } {
  return entry.type === 'file' && entry.length > pieceLength && entry.piecesRoot !== undefined
}
