import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { nodeDigests } from '../../src/client/digests.js'
import { parseMetainfo } from '../../src/protocol/metainfo/parse.js'
import { sha256OfFile } from '../support/content.js'
import { type BenchCase, FORMATS, type Format } from './bench-case.js'
import { type Client, LIBTORRENT, type Published } from './clients.js'
import type { Sample } from './measure.js'
import { drain, StalledError } from './sink.js'

const MAX_ATTEMPTS = 3

/** The content's only file. */
export const FILE = 'content.bin'

const GETS = FORMATS.map(
  (format): BenchCase => ({
    name: 'get',
    format,
    title: 'download from a libtorrent seeder',
    run: async (client, published) => (await transfer(client, LIBTORRENT, published)).got,
  }),
)

const SEED: BenchCase = {
  name: 'seed',
  format: 'v1',
  title: 'upload to a leecher that throws everything away',
  async run(client, published) {
    const metainfo = parseMetainfo(await readFile(published.metainfo), nodeDigests)
    for (let attempt = 1; ; attempt++) {
      await using seeder = await client.seed(published)
      try {
        const wallMs = await drain(metainfo, seeder.port)
        return { ...(await seeder.stop()), wallMs }
      } catch (error) {
        // libtorrent was seen to choke a leecher in mid-run and never to answer again: such a run says nothing.
        if (!(error instanceof StalledError) || attempt === MAX_ATTEMPTS) throw error
        console.error(`${client.name} stalled: once more`)
      }
    }
  },
}

const BOTH: BenchCase = {
  name: 'both',
  format: 'v1',
  title: 'download from a seeder of the same kind; the CPU time of both, the memory of the larger',
  async run(client, published) {
    const { got, given } = await transfer(client, client, published)
    return {
      wallMs: got.wallMs,
      cpuMs: got.cpuMs + given.cpuMs,
      peakBytes: Math.max(got.peakBytes, given.peakBytes),
    }
  },
}

const CASES: readonly BenchCase[] = [...GETS, SEED, BOTH]

/** The cases of a name, of a format, or all. */
export function casesOf(name: string | undefined, format: Format | undefined): readonly BenchCase[] {
  return CASES.filter(
    bench => (name === undefined || bench.name === name) && (format === undefined || bench.format === format),
  )
}

/** A download by one client from another, compared with what was published. */
async function transfer(
  leecher: Client,
  seeder: Client,
  published: Published,
): Promise<{ got: Sample; given: Sample }> {
  const into = published.folder.join('got')
  await using running = await seeder.seed(published)
  const got = await leecher.get(published, into, running.port)
  const given = await running.stop()
  if ((await sha256OfFile(join(into, FILE))) !== published.sha256) {
    throw new Error(`${leecher.name} got another file`)
  }
  await rm(into, { recursive: true })
  return { got, given }
}
