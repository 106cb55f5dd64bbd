/** Milliseconds without a block, while blocks are requested, after which a peer is snubbing us. */
export const SNUB_MS = 30_000

/** Breaches of the protocol after which a peer is banned. */
export const MAX_BREACHES = 3

/** Seconds for which a piece that had a bad copy is left to one peer alone. */
export const EXCLUSIVE_SECONDS = 60

/** Times that such a piece is begun anew because its one peer did not finish it, before it is shared. */
export const MAX_EXCLUSIVE_ATTEMPTS = 3

/** Largest block that a peer may request; all current clients request 16 KiB (BEP 52). */
export const MAX_REQUEST_LENGTH = 128 * 1024

/**
 * Requests of a peer that are refused: the burst, and the milliseconds until one more. Twice as many as may wait at a time
 * (`reqq`), since a choke can cross them under way.
 */
export const MAX_FRUITLESS_REQUESTS = 4_000
export const FRUITLESS_REQUEST_MS = 10

/** Extension handshakes of a peer: the burst, and the milliseconds until one more. There is one, and one for each change. */
export const MAX_EXTENSION_HANDSHAKES = 20
export const EXTENSION_HANDSHAKE_MS = 10_000

/** Pieces that are read and hashed to serve hashes of their blocks to a peer: the burst, and the milliseconds until one more. */
export const MAX_HASHED_PIECES = 64
export const HASHED_PIECE_MS = 5_000

/** Pieces that a peer may reject within `REFUSAL_MS`; after that nothing more is requested from it for this time. */
export const MAX_REFUSED_PIECES = 256

/** Time for which pieces that a peer rejected are not requested from it again. */
export const REFUSAL_MS = 10_000

/** Pieces kept of those that a peer allows or suggests (BEP 6): the last ones allowed, the first ones suggested. */
export const MAX_ALLOWED_FAST = 64
