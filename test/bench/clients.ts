import { join } from 'node:path'
import { Child, type Exit } from '../support/child.js'
import { EventLog } from '../support/event-log.js'
import { PYTHON } from '../support/partners.js'
import { PROJECT } from '../support/project.js'
import type { TempFolder } from '../support/temp-folder.js'
import { torrent } from '../support/torrent.js'
import { measuring, readSample, type Sample } from './measure.js'

const LIBTORRENT_CLIENT = join(PROJECT, 'test', 'bench', 'libtorrent', 'client.py')
const LOCAL = ['--json', '--no-tracker', '-p', '0', '--bind', '127.0.0.1']
const WITHIN_MS = 10 * 60_000

/** What the shell makes of a segmentation fault. */
const CRASHED = 139
const ATTEMPTS = 3

/** One file in a torrent. */
export interface Published {
  /** Path of the .torrent. */
  readonly metainfo: string
  /** The folder that holds the file. */
  readonly data: string
  readonly sha256: string
  /** For whatever a run needs besides. */
  readonly folder: TempFolder
}

/** A seeder in a process of its own; what it took is known once it has stopped. */
interface RunningSeeder extends AsyncDisposable {
  readonly port: number
  stop(): Promise<Sample>
}

export interface Client {
  readonly name: 'torrent' | 'libtorrent'
  seed(published: Published): Promise<RunningSeeder>
  /** Downloads into a folder from one seeder, in a process that ends when all is there. */
  get(published: Published, into: string, port: number): Promise<Sample>
}

export const OURS: Client = {
  name: 'torrent',
  async seed({ metainfo, data, folder }) {
    const result = folder.join('seeder.json')
    const args = ['seed', metainfo, '-d', data, '--no-check', ...LOCAL]
    const seeder = torrent(args, { prefix: measuring(result) })
    const { port } = await seeder.waitFor('seeding')
    return {
      port,
      stop: async () => await sampleOf(await seeder.stop(), result),
      [Symbol.asyncDispose]: () => seeder[Symbol.asyncDispose](),
    }
  },
  async get({ metainfo, folder }, into, port) {
    const result = folder.join('leecher.json')
    const args = ['get', metainfo, '-d', into, '--exit', ...LOCAL, '--peer', `127.0.0.1:${port}`]
    await using leecher = torrent(args, { prefix: measuring(result) })
    return await sampleOf(await leecher.exit(WITHIN_MS), result)
  },
}

export const LIBTORRENT: Client = {
  name: 'libtorrent',
  async seed({ metainfo, data, folder }) {
    const result = folder.join('seeder.json')
    const lines = new EventLog<string>()
    const seeder = new Child([...measuring(result), PYTHON, LIBTORRENT_CLIENT, 'seed', metainfo, data], {
      onLine: line => lines.push(line),
    })
    const port = Number(await lines.waitFor('a port of libtorrent', () => true))
    return {
      port,
      stop: async () => await sampleOf(await seeder.stop(), result),
      [Symbol.asyncDispose]: () => seeder[Symbol.asyncDispose](),
    }
  },
  async get({ metainfo, folder }, into, port) {
    const result = folder.join('leecher.json')
    const command = [PYTHON, LIBTORRENT_CLIENT, 'get', metainfo, into, '127.0.0.1', `${port}`]
    for (let attempt = 1; ; attempt++) {
      await using leecher = new Child([...measuring(result), ...command])
      const exit = await leecher.exit(WITHIN_MS)
      // Now and then 2.0.8 falls over its own start when Python runs it: that says nothing about its speed.
      if (exit.code !== CRASHED || attempt === ATTEMPTS) return await sampleOf(exit, result)
    }
  },
}

async function sampleOf({ code }: Exit, result: string): Promise<Sample> {
  if (code !== 0) throw new Error(`a measured process ended with ${code}`)
  return await readSample(result)
}
