import { FileStamps } from './file-stamps.js'
import { partsIndexOf } from './layout.js'
import type { StorageLinks } from './links/storage-links.js'
import type { Obstacle } from './messages.js'

/** Entries whose files a worker examines in one request: some milliseconds of work. */
const RUN_LENGTH = 1024

/** The stamp of every file: of those of the entries, and of the parts file. */
export async function stampsOf(links: StorageLinks): Promise<FileStamps> {
  const { source, storage } = links
  const count = partsIndexOf(source.layout) + 1
  const stamps = FileStamps.missing(count)
  await inRuns(links, count, async (worker, first, count) => {
    const { packed } = await links.call(worker, { type: 'stat', storage, first, count }, 'stamps')
    stamps.setRun(first, new FileStamps(packed))
  })
  return stamps
}

/** The paths that a download would refuse to write to, in no particular order. */
export async function obstaclesOf(links: StorageLinks): Promise<Obstacle[]> {
  const { storage } = links
  const obstacles: Obstacle[] = []
  await inRuns(links, links.source.layout.entries.length, async (worker, first, count) => {
    const { found } = await links.call(worker, { type: 'find-obstacles', storage, first, count }, 'obstacles')
    for (const obstacle of found) obstacles.push(obstacle)
  })
  return obstacles
}

/** Looks at `length` files: a few are looked at by one worker, many by all. */
async function inRuns(
  links: StorageLinks,
  length: number,
  look: (worker: number, first: number, count: number) => Promise<void>,
): Promise<void> {
  const runs = starts(length)
  const lookAt = async (worker: number): Promise<void> => {
    // All workers share the starts: leaving the loop by an error ends it for all of them.
    for (const first of runs) await look(worker, first, Math.min(RUN_LENGTH, length - first))
  }
  const [free] = links.inOrder()
  const workers = free.slice(0, Math.ceil(length / RUN_LENGTH))
  const ended = await Promise.allSettled(workers.map(lookAt))
  for (const result of ended) if (result.status === 'rejected') throw result.reason
}

function* starts(count: number): Generator<number> {
  for (let first = 0; first < count; first += RUN_LENGTH) yield first
}
