/** Bytes between the start of an allocation and that of the buffer. */
const SKIPPED = 64

/**
 * A buffer for large reads of files and sockets. It does not begin where its allocation does: glibc puts a large one 16 bytes behind the
 * start of a page, and processors such as AMD's Zen 3 copy to the first 32 bytes of a page, if not exactly to its start, at a
 * quarter of their speed.
 */
export function readBuffer(length: number): Buffer {
  return Buffer.allocUnsafeSlow(SKIPPED + length).subarray(SKIPPED)
}
