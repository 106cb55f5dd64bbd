export interface BencodeLimits {
  /** Size of the whole document in bytes. */
  readonly bytes: number
  readonly depth: number
  /** Integers, strings, lists and dictionaries together; the keys of dictionaries do not count. */
  readonly values: number
}

/** For a .torrent. */
export const METAINFO_LIMITS: BencodeLimits = { bytes: 100 * 2 ** 20, depth: 64, values: 3_000_000 }

/** For a single message of a peer, a tracker or a DHT node. */
export const MESSAGE_LIMITS: BencodeLimits = { bytes: 2 ** 20, depth: 16, values: 20_000 }
