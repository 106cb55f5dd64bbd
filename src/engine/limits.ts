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

/** Pieces that a peer may reject within `REFUSAL_MS` before it is asked for nothing more in that time. */
export const MAX_REFUSED_PIECES = 256

/** How long a peer is not asked again for pieces that it rejected. */
export const REFUSAL_MS = 10_000

/** Pieces that a peer may name as allowed fast or suggested (BEP 6): of more, the oldest allowed and the newest suggested are forgotten. */
export const MAX_ALLOWED_FAST = 64
