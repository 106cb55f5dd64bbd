import type { FileHandle } from 'node:fs/promises'

/** The first `size` bytes of a file, or all of a shorter one, read straight to where they stay. Throws what the system says. */
export async function readBytes(file: FileHandle, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size)
  let length = 0
  while (length < size) {
    const { bytesRead } = await file.read(bytes, length, size - length, length)
    if (bytesRead === 0) break
    length += bytesRead
  }
  return bytes.subarray(0, length)
}
