import type { BenchCase } from '../bench-case.js'
import type { GettingClient, SeedingClient } from '../clients/client.js'
import { LIBTORRENT } from '../clients/libtorrent.js'
import { OURS } from '../clients/torrent.js'
import { readMetainfo } from '../contents.js'
import { drain } from '../loads/drain.js'
import { RunError } from '../measuring/run-error.js'
import { comparison } from './comparison.js'
import { transfer } from './transfer.js'

const TO_SINK = comparison({
  name: 'seed-sink',
  title: 'upload to a leecher that throws everything away, v1',
  needs: LIBTORRENT.needs,
  other: 'libtorrent',
  aims: { speed: 2, cpu: 0.6 },
  async prepare(bench) {
    const published = await bench.contents.random('v1')
    const metainfo = await readMetainfo(published.metainfo)
    const seed = async (client: SeedingClient) => {
      await using seeder = await client.seed(published)
      try {
        const wallMs = await drain(metainfo, seeder.port)
        return { ...(await seeder.stop()), wallMs }
      } catch (error) {
        if (!(error instanceof RunError)) throw error
        // As it ends it says what went wrong.
        await seeder.stop().catch(() => {})
        throw new RunError(error.code, seeder.explain(error.message), { cause: error })
      }
    }
    return { bytes: published.bytes, ours: () => seed(OURS), other: () => seed(LIBTORRENT) }
  },
})

const TO_LIBTORRENT = comparison({
  name: 'seed-libtorrent',
  title: 'upload to a libtorrent leecher, v1; CPU time and memory of the seeder alone',
  needs: LIBTORRENT.needs,
  other: 'libtorrent',
  aims: { speed: 1 },
  async prepare(bench) {
    const published = await bench.contents.random('v1')
    const seed = async (client: SeedingClient) => {
      const { got, given } = await transfer(LIBTORRENT, client, published)
      return { ...given, wallMs: got.wallMs }
    }
    return { bytes: published.bytes, ours: () => seed(OURS), other: () => seed(LIBTORRENT) }
  },
})

const BOTH = comparison({
  name: 'both',
  title: 'download from a seeder of the same kind, v1; CPU time of both, memory of the larger',
  needs: LIBTORRENT.needs,
  other: 'libtorrent',
  aims: { speed: 2 },
  async prepare(bench) {
    const published = await bench.contents.random('v1')
    const both = async (client: SeedingClient & GettingClient) => {
      const { got, given } = await transfer(client, client, published)
      return {
        wallMs: got.wallMs,
        cpuMs: got.cpuMs + given.cpuMs,
        peakBytes: Math.max(got.peakBytes, given.peakBytes),
      }
    }
    return { bytes: published.bytes, ours: () => both(OURS), other: () => both(LIBTORRENT) }
  },
})

export const SEEDS: readonly BenchCase[] = [TO_SINK, TO_LIBTORRENT, BOTH]
