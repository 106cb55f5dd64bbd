import { inOneGo } from '../../src/base/steps.js'
import type { Digests } from '../../src/protocol/digests.js'
import { pieceLayerHeight, rootOfLeaves, rootOfPieceLayerInSteps } from '../../src/protocol/merkle.js'
import { buildMetainfoInSteps } from '../../src/protocol/metainfo/build.js'
import {
  type ContentOptions,
  type ContentPlan,
  planContentInSteps,
} from '../../src/protocol/metainfo/plan.js'

/** `planContentInSteps`, all steps at once. */
export function planContent(options: ContentOptions): ContentPlan {
  return inOneGo(planContentInSteps(options))
}

/** `buildMetainfoInSteps`, all steps at once. */
export function buildMetainfo(...args: Parameters<typeof buildMetainfoInSteps>): Uint8Array {
  return inOneGo(buildMetainfoInSteps(...args))
}

/** `rootOfPieceLayerInSteps`, all steps at once. */
export function rootOfPieceLayer(layer: Uint8Array, pieceLength: number, digests: Digests): Uint8Array {
  return inOneGo(rootOfPieceLayerInSteps(layer, pieceLength, digests))
}

/**
 * The hash of a piece: in a file longer than one piece its tree is as high as the piece is long, even for the short
 * piece at the end; a file of one piece has only the tree that its own blocks need, and the hash is its pieces root.
 * @param leaves the hashes of the piece's blocks, 32 bytes each
 */
export function rootOfPiece(
  leaves: Uint8Array,
  file: { readonly length: number },
  pieceLength: number,
  digests: Digests,
): Uint8Array {
  return file.length > pieceLength
    ? rootOfLeaves(leaves, digests, pieceLayerHeight(pieceLength))
    : rootOfLeaves(leaves, digests)
}
