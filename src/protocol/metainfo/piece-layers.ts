// BEP 52: the piece layers beside the info dictionary, each proven against the root of its file.

import { equalBytes, toHex } from '../../base/bytes.js'
import type { Steps } from '../../base/steps.js'
import type { Digests } from '../digests.js'
import { HASH_LENGTH, rootOfPieceLayerInSteps } from '../merkle.js'
import type { ContentEntry, FileEntry, Info } from './metainfo.js'
import type { Fields } from './reading/fields.js'
import type { Warnings } from './reading/warnings.js'

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
  warnings: Warnings,
): Steps<Map<string, Uint8Array>> {
  const dictionary = document.dictionary('piece layers')
  const given = new Map<string, Uint8Array>()
  for (const [root, value] of dictionary?.value.entries ?? []) {
    const layer = value.string
    if (root.length !== HASH_LENGTH) {
      document.fail('piece layers', 'invalid-value', `a key must be 32 bytes, is ${root.length}`)
    }
    if (layer === undefined) document.fail(`piece layers.${toHex(root)}`, 'invalid-value', 'must be a string')
    else given.set(toHex(root), layer)
  }

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
  if (missing.size > 0) warnings.add(`piece layers: ${missing.size} missing, peers will be asked for them`)
  if (unknown > 0)
    warnings.add(`piece layers: ${unknown} ignored, no file longer than a piece has such a root`)
  return proven
}

function needsLayer(
  entry: ContentEntry,
  pieceLength: number,
): entry is FileEntry & { readonly piecesRoot: Uint8Array } {
  return entry.type === 'file' && entry.length > pieceLength && entry.piecesRoot !== undefined
}
