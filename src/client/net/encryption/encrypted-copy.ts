import type { Rc4 } from '../../../protocol/encryption/rc4.js'

/** Small enough to stay in a processor's cache from the copying to the writing. */
const SLAB_LENGTH = 32 * 1024

/** Unused slabs that are kept for the next write: 2 MiB. Allocating memory costs as much as encrypting it. */
const MAX_IDLE = 64
const idle: Buffer[] = []

/** Bytes that are on their way into a socket. */
export interface EncryptedCopy {
  readonly parts: readonly Uint8Array[]
  /** To be called once they have left. */
  release(): void
}

/** Encrypts a copy of some parts: they may be of a cache from which others are served, too. */
export function encryptedCopy(parts: readonly Uint8Array[], cipher: Rc4): EncryptedCopy {
  let length = 0
  for (const part of parts) length += part.length
  // Of messages without a block thousands may wait, and a slab for each would be too much.
  const slabs = length < SLAB_LENGTH / 4 ? [Buffer.allocUnsafe(length)] : takeSlabs(length)
  copyInto(slabs, parts)
  const copies = slabs.map((slab, i) => slab.subarray(0, length - i * SLAB_LENGTH))
  for (const copy of copies) cipher.apply(copy)
  return { parts: copies, release: () => giveBack(slabs) }
}

function takeSlabs(length: number): Buffer[] {
  const slabs: Buffer[] = []
  for (let bytes = 0; bytes < length; bytes += SLAB_LENGTH)
    slabs.push(idle.pop() ?? Buffer.allocUnsafeSlow(SLAB_LENGTH))
  return slabs
}

function giveBack(slabs: readonly Buffer[]): void {
  for (const slab of slabs) if (slab.length === SLAB_LENGTH && idle.length < MAX_IDLE) idle.push(slab)
}

function copyInto(slabs: readonly Buffer[], parts: readonly Uint8Array[]): void {
  let at = 0
  for (const part of parts) {
    for (let from = 0; from < part.length; ) {
      const slab = slabs[Math.floor(at / SLAB_LENGTH)]
      if (slab === undefined) return
      const start = at % SLAB_LENGTH
      const bytes = part.subarray(from, from + slab.length - start)
      // `fill` copies at the speed of memory, also where it is shared between threads.
      slab.fill(bytes, start, start + bytes.length)
      from += bytes.length
      at += bytes.length
    }
  }
}
