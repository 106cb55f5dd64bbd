import { readBuffer } from '../../../base/read-buffer.js'

/**
 * Bytes that are read and hashed at a time. Not more: what is hashed is then still in the core's own cache, and reading
 * a cached file in such parts is half as fast again as in parts of 1 MiB.
 */
export const WINDOW_LENGTH = 2 ** 18

/** The buffer for everything that this worker reads to hash. */
export const window = readBuffer(WINDOW_LENGTH)
