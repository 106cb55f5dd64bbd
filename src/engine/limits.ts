/** Milliseconds without a block, while blocks are asked for, after which a peer counts as snubbing us. */
export const SNUB_MS = 30_000

/** Bad pieces that a peer may have had a part in, with others, before it is banned. */
export const MAX_STRIKES = 3

/** Largest block that a peer may ask for; all current clients ask for 16 KiB (BEP 52). */
export const MAX_REQUEST_LENGTH = 128 * 1024

/** Rejected requests in a row after which a peer is left alone for its bitfield is worth nothing. */
export const MAX_REFUSED_PIECES = 256

/** Pieces that a peer may name as allowed fast or suggested (BEP 6); more are ignored. */
export const MAX_ALLOWED_FAST = 64
