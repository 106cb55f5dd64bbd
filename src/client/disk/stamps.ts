import { FileStamps } from './file-stamps.js'
import type { StorageLinks } from './links/storage-links.js'

/** Entries whose files a worker looks at in one go: some milliseconds of work. */
const RUN_LENGTH = 1024

/** The stamp of every entry: a few files are looked at by one worker, many by all. */
export async function stampsOf(links: StorageLinks): Promise<FileStamps> {
  const { source, storage } = links
  const stamps = FileStamps.missing(source.layout.entries.length)
  const runs = starts(stamps.length)
  const look = async (worker: number): Promise<void> => {
    // All workers share the starts: leaving the loop by an error ends it for all of them.
    for (const first of runs) {
      const count = Math.min(RUN_LENGTH, stamps.length - first)
      const { packed } = await links.call(worker, { type: 'stat', storage, first, count }, 'stamps')
      stamps.setRun(first, new FileStamps(packed))
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
