import type { FileStamp } from './layout.js'
import type { StorageLinks } from './links/storage-links.js'
import { NO_FILE } from './messages.js'

/** Entries whose files a worker looks at in one go: some milliseconds of work. */
const RUN_LENGTH = 1024

const MISSING: FileStamp = { type: 'missing' }

/** Size and time of the file of every entry: a few are looked at by one worker, many by all. */
export async function stampsOf(links: StorageLinks): Promise<readonly FileStamp[]> {
  const { source, storage } = links
  const stamps: FileStamp[] = new Array<FileStamp>(source.layout.entries.length).fill(MISSING)
  const runs = starts(stamps.length)
  const look = async (worker: number): Promise<void> => {
    // All workers share the starts: leaving the loop by an error ends it for all of them.
    for (const first of runs) {
      const count = Math.min(RUN_LENGTH, stamps.length - first)
      const run = await links.call(worker, { type: 'stat', storage, first, count }, 'stamps')
      for (let index = 0; index < count; index++) {
        const size = run.sizes[index] ?? NO_FILE
        if (size !== NO_FILE)
          stamps[first + index] = { type: 'file', size, mtimeMs: run.mtimesMs[index] ?? 0 }
      }
    }
  }
  const [free] = links.inOrder()
  const workers = free.slice(0, Math.ceil(stamps.length / RUN_LENGTH))
  const ended = await Promise.allSettled(workers.map(look))
  for (const result of ended) if (result.status === 'rejected') throw result.reason
  return stamps
}

function* starts(count: number): Generator<number> {
  for (let first = 0; first < count; first += RUN_LENGTH) yield first
}
