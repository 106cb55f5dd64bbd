import type { BenchCase, Curve } from '../bench-case.js'
import { LOCAL, seedingPort, startTorrent } from '../clients/torrent.js'
import { type Published, readMetainfo } from '../contents.js'
import { drain } from '../loads/drain.js'
import type { Sample } from '../measuring/measure.js'
import { mediansOf } from '../measuring/ratios.js'

const COUNTS = [1, 10, 100, 500]
const SHORT_COUNTS = [1, 10]
const MAX_PEERS = 1000

/** Many leechers on one torrent; together they get its size once. */
export const PEERS_SEED: BenchCase = {
  name: 'peers-seed',
  title: 'upload to many leechers at a time that throw everything away, v1: medians of the rounds',
  needs: [],
  async run(bench): Promise<Curve> {
    const published = await bench.contents.random('v1')
    const rows: [number, number, number, number][] = []
    for (const count of bench.options.isShort ? SHORT_COUNTS : COUNTS) {
      const samples: Sample[] = []
      for (let round = 0; round < bench.options.rounds; round++)
        samples.push(await bench.attempt(`peers-seed, ${count}`, () => seedTo(published, count)))
      const { wallMs, cpuMs, peakBytes } = mediansOf(samples)
      const rate = Math.round(published.bytes / 1000 / wallMs)
      const cpuSPerGb = Number(((cpuMs * 1e6) / published.bytes).toFixed(2))
      rows.push([count, rate, cpuSPerGb, Math.round(peakBytes / 1e6)])
      bench.log(`peers-seed: ${count} peers, ${rate} MB/s, CPU ${cpuSPerGb} s/GB`)
    }
    return { type: 'curve', columns: ['peers', 'MB/s', 'CPU s/GB', 'peak MB'], rows, verdicts: [] }
  },
}

async function seedTo({ metainfo, data, folder, bytes }: Published, peers: number): Promise<Sample> {
  const info = await readMetainfo(metainfo)
  const args = ['seed', metainfo, '-d', data, '--no-check', '--max-peers', `${MAX_PEERS}`, ...LOCAL]
  await using program = startTorrent(args, folder)
  const wallMs = await drain(info, await seedingPort(program), peers, bytes)
  return { ...(await program.stop()), wallMs }
}
