import { Session } from '../../../src/client/session.js'
import type { SessionOptions } from '../../../src/client/session-options.js'
import type { AddOptions } from '../../../src/client/task/task-host.js'
import { within } from '../../support/deadline.js'
import type { SampleTorrent } from './sample-torrent.js'
import { turns, Watch } from './watch.js'

const HERE = '127.0.0.1'
const WITHIN_MS = 20_000

/** A session on this machine, at any port that is free. */
export async function openSession(options: SessionOptions = {}): Promise<Session> {
  return await Session.open({ port: 0, bind: HERE, ...options })
}

/** Downloads the sample to a folder, or seeds it from there. */
export function add(session: Session, sample: SampleTorrent, options: Partial<AddOptions> & { dir: string }) {
  const task = session.add(sample.metainfo, { mode: 'get', ...options })
  return { task, watch: new Watch(task) }
}

/**
 * Seeds the sample from its own folder, and waits until it does.
 * @param up bytes per second, so that there is time while the other end downloads
 */
export async function seed(session: Session, sample: SampleTorrent, up?: number) {
  const limits = up === undefined ? {} : { up }
  const { task, watch } = add(session, sample, { dir: sample.dataDir, mode: 'seed', limits })
  await within(WITHIN_MS, 'the seeder', watch.until('seeding'))
  return { task, watch, address: { host: HERE, port: session.port } }
}

/** Waits until something is so, which is looked at in each turn of the event loop. */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  const wait = async () => {
    while (!isSo()) await turns(1)
  }
  await within(WITHIN_MS, what, wait())
}
