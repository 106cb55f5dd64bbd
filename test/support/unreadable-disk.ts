// Loaded before a program (`--import`): blocks for peers cannot be read from files whose name begins with `unreadable`, as from
// a disk with bad sectors. Reads with `readSync`, which hash what lies there, are left alone.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { basename } from 'node:path'

const { openSync, readvSync } = fs
const unreadable = new Set<number>()

fs.openSync = (path, ...rest) => {
  const descriptor = openSync(path, ...rest)
  if (basename(String(path)).startsWith('unreadable')) unreadable.add(descriptor)
  else unreadable.delete(descriptor)
  return descriptor
}

fs.readvSync = ((descriptor: number, ...rest: [Uint8Array[], number]) => {
  if (unreadable.has(descriptor)) throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' })
  return readvSync(descriptor, ...rest)
}) as typeof readvSync

syncBuiltinESMExports()
