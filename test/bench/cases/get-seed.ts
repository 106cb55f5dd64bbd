import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Libtorrent } from '../../interop/peers/libtorrent.js'
import { Child } from '../../support/child.js'
import { sha256OfFile, writeRandomFile } from '../../support/content.js'
import { EventLog } from '../../support/event-log.js'
import { PYTHON } from '../../support/partners.js'
import { PROJECT } from '../../support/project.js'
import type { TempFolder } from '../../support/temp-folder.js'
import { torrent } from '../../support/torrent.js'
import type { BenchCase, Contender } from '../bench-case.js'
import { measuring, readSample, type Sample } from '../measure.js'

const CLIENT = join(PROJECT, 'test', 'bench', 'libtorrent', 'client.py')
const LOCAL = ['--json', '--no-tracker', '-p', '0', '--bind', '127.0.0.1']
const WITHIN_MS = 10 * 60_000

interface Published {
  readonly metainfo: string
  readonly data: string
  readonly sha256: string
  readonly folder: TempFolder
}

interface RunningSeeder extends AsyncDisposable {
  readonly port: number
  stop(): Promise<Sample>
}

interface Client {
  readonly name: 'torrent' | 'libtorrent'
  seed(published: Published): Promise<RunningSeeder>
  /** Downloads into a folder from one seeder, in a process that ends when all is there. */
  get(published: Published, into: string, port: number): Promise<Sample>
}

const OURS: Client = {
  name: 'torrent',
  async seed({ metainfo, data, folder }) {
    const result = folder.join('seeder.json')
    const seeder = torrent(['seed', metainfo, '-d', data, '--no-check', ...LOCAL], {
      prefix: measuring(result),
    })
    const { port } = await seeder.waitFor('seeding')
    return {
      port,
      stop: async () => await sampleOf(seeder.stop(), result),
      [Symbol.asyncDispose]: () => seeder[Symbol.asyncDispose](),
    }
  },
  async get({ metainfo, folder }, into, port) {
    const result = folder.join('leecher.json')
    const args = ['get', metainfo, '-d', into, '--exit', ...LOCAL, '--peer', `127.0.0.1:${port}`]
    await using leecher = torrent(args, { prefix: measuring(result) })
    return await sampleOf(leecher.exit(WITHIN_MS), result)
  },
}

const LIBTORRENT: Client = {
  name: 'libtorrent',
  async seed({ metainfo, data, folder }) {
    const result = folder.join('seeder.json')
    const lines = new EventLog<string>()
    const seeder = new Child([...measuring(result), PYTHON, CLIENT, 'seed', metainfo, data], {
      onLine: line => lines.push(line),
    })
    const port = Number(await lines.waitFor('a port of libtorrent', () => true))
    return {
      port,
      stop: async () => await sampleOf(seeder.stop(), result),
      [Symbol.asyncDispose]: () => seeder[Symbol.asyncDispose](),
    }
  },
  async get({ metainfo, folder }, into, port) {
    const result = folder.join('leecher.json')
    const command = [PYTHON, CLIENT, 'get', metainfo, into, '127.0.0.1', `${port}`]
    await using leecher = new Child([...measuring(result), ...command])
    return await sampleOf(leecher.exit(WITHIN_MS), result)
  },
}

async function sampleOf(exit: Promise<{ code: number | undefined }>, result: string): Promise<Sample> {
  const { code } = await exit
  if (code !== 0) throw new Error(`a measured process ended with ${code}`)
  return await readSample(result)
}

/** A download by one client from another: the leecher's sample is for `get`, the seeder's for `seed`. */
function transfer(published: Published, leecher: Client, seeder: Client): Contender {
  return {
    label: `${leecher.name} from ${seeder.name}`,
    async run() {
      const into = published.folder.join('got')
      await using running = await seeder.seed(published)
      const got = await leecher.get(published, into, running.port)
      const given = await running.stop()
      const sha256 = await sha256OfFile(join(into, 'content.bin'))
      if (sha256 !== published.sha256) throw new Error(`${leecher.name} got another file`)
      await rm(into, { recursive: true })
      return {
        ...(seeder === LIBTORRENT ? { get: got } : {}),
        // A seeder runs until it is stopped: what counts is how long the other side took.
        ...(leecher === LIBTORRENT ? { seed: { ...given, wallMs: got.wallMs } } : {}),
      }
    },
  }
}

/** `get` from one seeder, and `seed` to one leecher, each against libtorrent in the same place. */
export const getSeed: BenchCase = {
  name: 'get-seed',
  needs: ['libtorrent'],
  async prepare({ size, format }, folder) {
    const content = folder.join('data', 'content.bin')
    const metainfo = folder.join('content.torrent')
    await writeRandomFile(content, size, 1)
    {
      await using libtorrent = await Libtorrent.start()
      await libtorrent.make({ path: content, out: metainfo, format })
    }
    const published = { metainfo, data: folder.join('data'), sha256: await sha256OfFile(content), folder }
    return [
      transfer(published, OURS, LIBTORRENT),
      transfer(published, LIBTORRENT, OURS),
      transfer(published, LIBTORRENT, LIBTORRENT),
    ]
  },
}
