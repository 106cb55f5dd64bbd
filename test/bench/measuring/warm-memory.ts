import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import type { TempFolder } from '../../support/temp-folder.js'

const CHUNK_LENGTH = 2 ** 18

/**
 * Writes this many bytes to a file and removes it. On a virtual machine, memory that was not used for some seconds
 * belongs to the host, and to get it back costs more than the download that is to be measured, now more, now less. The
 * next to write gets the memory that this has had.
 */
export function warmMemory(folder: TempFolder, bytes: number): void {
  const path = folder.join('warm')
  const chunk = new Uint8Array(CHUNK_LENGTH).fill(1)
  const file = openSync(path, 'w')
  for (let written = 0; written < bytes; written += CHUNK_LENGTH) writeSync(file, chunk)
  closeSync(file)
  rmSync(path)
}
