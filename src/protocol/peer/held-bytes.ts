/** As much as comes in one read; what is longer is copied into memory of its own. */
const BUFFER_LENGTH = 256 * 1024

/** Unused buffers to keep. Left to the garbage collector, some 20 MiB of them would pile up before it runs. */
const MAX_IDLE = 4
const idle: ArrayBuffer[] = []

/** A copy of bytes that cannot be dealt with before there is room, to be given back once they were. */
export function hold(bytes: Uint8Array): Uint8Array {
  // A constructor copies for sure: `slice` of a Buffer would go on showing what its owner overwrites.
  if (bytes.length > BUFFER_LENGTH) return new Uint8Array(bytes)
  const held = new Uint8Array(idle.pop() ?? new ArrayBuffer(BUFFER_LENGTH), 0, bytes.length)
  held.set(bytes)
  return held
}

/** @param held the result of `hold`, or the rest of it; it must not be used any more */
export function giveBack({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === BUFFER_LENGTH && idle.length < MAX_IDLE) {
    idle.push(buffer)
  }
}
