import { rm } from 'node:fs/promises'
import { Session } from '../../../src/client/session.js'
import type { TorrentTask } from '../../../src/client/task/torrent-task.js'
import { type Published, readMetainfo } from '../contents.js'
import { RunError } from '../measuring/run-error.js'

const LOOK_MS = 5
/** What comes at first is left out: connections begin, and reads that were begun before anybody knew how fast it goes. */
const WARM_UP_SECONDS = 0.3
const STALLED_MS = 20_000

/**
 * Bytes of blocks a second that a session gets from a seeder of this machine, from one block that came to the last that came
 * within a number of seconds: blocks are whole, so a second that begins and ends anywhere would be a block off.
 * @param limit bytes a second that the session is to take at most; undefined: all that comes
 * @throws {RunError} `stalled` where nothing comes for twenty seconds
 */
export async function probeRate(
  published: Published,
  port: number,
  seconds: number,
  limit?: number,
): Promise<number> {
  const dir = published.folder.join('probed')
  await rm(dir, { recursive: true, force: true })
  const state = process.env.XDG_STATE_HOME
  process.env.XDG_STATE_HOME = published.folder.join('probe-state')
  try {
    await using session = await Session.open({ port: 0, bind: '127.0.0.1', limits: { down: limit } })
    const peers = [{ host: '127.0.0.1', port }]
    const metainfo = await readMetainfo(published.metainfo)
    const task = session.add(metainfo, { dir, mode: 'get', useTrackers: false, peers })
    const first = await nextBlock(task, 0)
    const start = await nextBlock(task, first.at + WARM_UP_SECONDS * 1_000)
    let last = start
    while (last.at < start.at + seconds * 1_000 && task.status.state === 'downloading')
      last = await nextBlock(task, 0)
    return ((last.bytes - start.bytes) / (last.at - start.at)) * 1_000
  } finally {
    if (state === undefined) delete process.env.XDG_STATE_HOME
    else process.env.XDG_STATE_HOME = state
    await rm(dir, { recursive: true, force: true })
  }
}

interface Moment {
  readonly at: number
  readonly bytes: number
}

/** When the next block comes that is not before a moment, and how many bytes have come with it. */
async function nextBlock(task: TorrentTask, from: number): Promise<Moment> {
  const before = task.status.downloaded
  const began = performance.now()
  for (;;) {
    await new Promise(resolve => setTimeout(resolve, LOOK_MS))
    const at = performance.now()
    const bytes = task.status.downloaded
    if (bytes > before && at >= from) return { at, bytes }
    if (at - began > STALLED_MS) throw new RunError('stalled', `nothing came for ${STALLED_MS / 1_000} s`)
  }
}
