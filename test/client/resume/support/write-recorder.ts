// Loaded into a process with `--import`, also into its threads: writes down each write, fsync and rename, in order,
// as one line of JSON in the file that TORRENT_WRITE_LOG names.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { setTimeout } from 'node:timers/promises'

export type WriteRecord =
  | { readonly op: 'write'; readonly path: string; readonly offset: number; readonly bytes: string }
  /** What was recorded before `begin` of the same number is on the disk from `end` on. */
  | { readonly op: 'sync-begin' | 'sync-end'; readonly path: string; readonly id: string }
  | { readonly op: 'rename'; readonly from: string; readonly path: string; readonly bytes: string }

const log = process.env.TORRENT_WRITE_LOG
if (log !== undefined) record(fs.openSync(log, 'a'))

function record(descriptor: number): void {
  const { writeSync, openSync, promises } = fs
  const { open, rename } = promises
  const paths = new Map<number, string>()
  let count = 0

  // One call for each line, so that lines of several threads never mix.
  const note = (entry: WriteRecord) => writeSync(descriptor, `${JSON.stringify(entry)}\n`)

  fs.openSync = ((path: fs.PathLike, flags: fs.OpenMode, mode?: fs.Mode | null) => {
    const opened = openSync(path, flags, mode)
    paths.set(opened, String(path))
    return opened
  }) as typeof openSync

  fs.writeSync = ((file: number, bytes: Uint8Array, offset: number, length: number, position: number) => {
    const written = writeSync(file, bytes, offset, length, position)
    const path = paths.get(file)
    if (path !== undefined) {
      const base64 = Buffer.from(bytes.subarray(offset, offset + written)).toString('base64')
      note({ op: 'write', path, offset: position, bytes: base64 })
    }
    return written
  }) as typeof writeSync

  promises.open = async (path, ...rest) => {
    const handle = await open(path, ...rest)
    const sync = handle.sync.bind(handle)
    handle.sync = async () => {
      const id = `${process.pid}-${count++}`
      note({ op: 'sync-begin', path: String(path), id })
      // As on a slow disk: more is written meanwhile.
      await setTimeout(200)
      await sync()
      note({ op: 'sync-end', path: String(path), id })
    }
    return handle
  }

  promises.rename = async (from, path) => {
    await rename(from, path)
    const bytes = fs.readFileSync(path).toString('base64')
    note({ op: 'rename', from: String(from), path: String(path), bytes })
  }
  syncBuiltinESMExports()
}
