import type { BenchCase } from '../bench-case.js'
import type { GettingClient, SeedingClient } from '../clients/client.js'
import { LIBTORRENT } from '../clients/libtorrent.js'
import { OURS } from '../clients/torrent.js'
import { type Published, readMetainfo } from '../contents.js'
import { drain } from '../loads/drain.js'
import type { Sample } from '../measuring/measure.js'
import { RunError } from '../measuring/run-error.js'
import { fileComparison } from './comparison.js'
import { seedTo, transfer } from './transfer.js'

const TO_SINK = fileComparison<SeedingClient>({
  name: 'seed-sink',
  title: 'upload to a leecher that throws everything away, v1',
  needs: LIBTORRENT.needs,
  other: 'libtorrent',
  aims: { speed: 2, cpu: 0.6 },
  format: 'v1',
  clients: { ours: OURS, other: LIBTORRENT },
  run: drainFrom,
})

const TO_LIBTORRENT = fileComparison<SeedingClient>({
  name: 'seed-libtorrent',
  title: 'upload to a libtorrent leecher, v1; CPU time and memory of the seeder alone',
  needs: LIBTORRENT.needs,
  other: 'libtorrent',
  aims: { speed: 1 },
  format: 'v1',
  clients: { ours: OURS, other: LIBTORRENT },
  run: (seeder, published) => seedTo(LIBTORRENT, seeder, published),
})

const BOTH = fileComparison<SeedingClient & GettingClient>({
  name: 'both',
  title: 'download from a seeder of the same kind, v1; CPU time of both, memory of the larger',
  needs: LIBTORRENT.needs,
  other: 'libtorrent',
  aims: { speed: 2 },
  format: 'v1',
  clients: { ours: OURS, other: LIBTORRENT },
  async run(client, published) {
    const { got, given } = await transfer(client, client, published)
    return {
      wallMs: got.wallMs,
      cpuMs: got.cpuMs + given.cpuMs,
      peakBytes: Math.max(got.peakBytes, given.peakBytes),
    }
  },
})

export const SEEDS: readonly BenchCase[] = [TO_SINK, TO_LIBTORRENT, BOTH]

async function drainFrom(client: SeedingClient, published: Published): Promise<Sample> {
  const metainfo = await readMetainfo(published.metainfo)
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
