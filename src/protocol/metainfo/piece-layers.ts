// BEP 52: the piece layers beside the info dictionary, each proven against the root of its file.

import { equalBytes, toHex } from '../../base/bytes.js'
import type { Steps } from '../../base/steps.js'
import type { Digests } from '../digests.js'
import { HASH_LENGTH, rootOfPieceLayerInSteps } from '../merkle.js'
import { NO_BYTES } from './entry-table.js'
import { LayerMap } from './layer-map.js'
import type { ContentEntry, FileEntry, Info, Metainfo } from './metainfo.js'
import type { Fields } from './reading/fields.js'
import { NameIndex } from './reading/name-index.js'

const LAYERS_A_STEP = 256

const MAX_MAPPED = 1_000

/** Nothing is looked up with it. */
const NO_KEY = new Uint8Array(8)

/**
 * The layers of all files longer than one piece, by hexadecimal pieces root. One that is missing is let through
 * with a warning, since peers have it; one that is wrong is not.
 * @param document the whole torrent
 * @throws {MetainfoError}
 */
export function* readPieceLayers(
  document: Fields,
  info: Pick<Info, 'pieceLength' | 'entries' | 'infoHashV2'>,
  digests: Digests,
): Steps<ReadonlyMap<string, Uint8Array>> {
  const dictionary = document.optionalDictionary('piece layers')?.value
  const layers = new LayerMap(
    document.value.documentBytes,
    dictionary?.childCount ?? 0,
    dictionary === undefined ? NO_KEY : digests.sha256(dictionary.raw),
  )
  let unusable = 0
  for (const [root, value] of dictionary?.pairs() ?? []) {
    const layer = value.string
    if (root.length !== HASH_LENGTH || layer === undefined) unusable++
    else layers.give(root, layer)
  }
  if (unusable > 0) document.warn('piece layers', `${unusable} ignored, a layer is a string under 32 bytes`)
  yield

  const missing = new NameIndex(
    { placeOf: () => 0, nameOf: index => rootOf(info.entries.at(index)) },
    info.infoHashV2 ?? NO_KEY,
  )
  let index = -1
  for (const entry of info.entries) {
    index++
    if (!needsLayer(entry, info.pieceLength)) continue
    const root = entry.piecesRoot
    const given = layers.given(root)
    if (given === undefined) {
      missing.put(index)
      continue
    }
    const { layer, isProven } = given
    const key = () => `piece layers.${toHex(root)}`
    const expected = Math.ceil(entry.length / info.pieceLength) * HASH_LENGTH
    if (layer.length !== expected) {
      document.fail(key(), 'inconsistent', `must be ${expected} bytes, is ${layer.length}`)
    }
    if (isProven) continue
    const found = yield* rootOfPieceLayerInSteps(layer, info.pieceLength, digests)
    if (!equalBytes(found, root)) {
      document.fail(key(), 'inconsistent', 'does not lead to the pieces root')
    }
    layers.prove(root)
    // There may be a hundred thousand small layers.
    if (layers.size % LAYERS_A_STEP === 0) yield
  }

  const unknown = layers.givenCount - layers.size
  if (missing.size > 0) document.warn('piece layers', `${missing.size} missing, peers will be asked for them`)
  if (unknown > 0) {
    document.note('piece layers', `${unknown} ignored, no file longer than a piece has such a root`)
  }
  // With few layers a map takes less memory.
  return layers.size > MAX_MAPPED ? layers : new Map(layers)
}

/** Whether the layer of a file is missing. */
export function lacksLayers({
  entries,
  pieceLength,
  pieceLayers,
}: Pick<Metainfo, 'entries' | 'pieceLength' | 'pieceLayers'>): boolean {
  for (const entry of entries) {
    if (needsLayer(entry, pieceLength) && !pieceLayers.has(toHex(entry.piecesRoot))) return true
  }
  return false
}

function rootOf(entry: ContentEntry | undefined): Uint8Array {
  return (entry?.type === 'file' ? entry.piecesRoot : undefined) ?? NO_BYTES
}

function needsLayer(
  entry: ContentEntry,
  pieceLength: number,
): entry is FileEntry & { readonly piecesRoot: Uint8Array } {
  return entry.type === 'file' && entry.length > pieceLength && entry.piecesRoot !== undefined
}
