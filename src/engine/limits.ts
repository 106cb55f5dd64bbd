/** Milliseconds without a block, while blocks are asked for, after which a peer counts as snubbing us. */
export const SNUB_MS = 30_000

/** Breaches of the protocol after which a peer is banned. */
export const MAX_BREACHES = 3

/** Seconds for which a piece of which a bad copy came is left to one peer alone. */
export const EXCLUSIVE_SECONDS = 60

/** Times that such a piece is begun anew because its one peer did not finish it, before others go on with it. */
export const MAX_EXCLUSIVE_ATTEMPTS = 3

/** Largest block that a peer may ask for; all current clients ask for 16 KiB (BEP 52). */
export const MAX_REQUEST_LENGTH = 128 * 1024

/**
 * Requests of a peer that get it nothing but an answer saying so: at once, and one more each so many milliseconds. Twice as many as
 * may wait at a time (`reqq`), since a choke can cross them on their way.
 */
export const MAX_FRUITLESS_REQUESTS = 4_000
export const FRUITLESS_REQUEST_MS = 10

/** Extension handshakes of a peer, at once, and one more each so many milliseconds: one, and one for each thing that changes. */
export const MAX_EXTENSION_HANDSHAKES = 20
export const EXTENSION_HANDSHAKE_MS = 10_000

/** Pieces that are read and hashed to tell a peer the hashes of their blocks: at once, and one more each so many milliseconds. */
export const MAX_HASHED_PIECES = 64
export const HASHED_PIECE_MS = 5_000

/** Pieces that a peer may reject within `REFUSAL_MS` before it is asked for nothing more in that time. */
export const MAX_REFUSED_PIECES = 256

/** How long a peer is not asked again for pieces that it rejected. */
export const REFUSAL_MS = 10_000

/** Pieces that a peer may name as allowed fast or suggested (BEP 6): of more, the oldest allowed and the newest suggested are forgotten. */
export const MAX_ALLOWED_FAST = 64
