// Loaded before a program (`--import`): each write to a file whose name begins with `slow` takes a fifth of a second. How
// often that was is told by a dot each in the file that SLOW_DISK names.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { basename } from 'node:path'

const WRITE_MS = 200

const { SLOW_DISK } = process.env
const { openSync, writeSync, appendFileSync } = fs
const slow = new Set<number>()
const never = new Int32Array(new SharedArrayBuffer(4))

fs.openSync = (path, ...rest) => {
  const descriptor = openSync(path, ...rest)
  if (basename(String(path)).startsWith('slow')) slow.add(descriptor)
  else slow.delete(descriptor)
  return descriptor
}

fs.writeSync = ((descriptor: number, ...rest: [Uint8Array, number, number, number]) => {
  if (slow.has(descriptor) && SLOW_DISK !== undefined) {
    appendFileSync(SLOW_DISK, '.')
    Atomics.wait(never, 0, 0, WRITE_MS)
  }
  return writeSync(descriptor, ...rest)
}) as typeof writeSync

syncBuiltinESMExports()
