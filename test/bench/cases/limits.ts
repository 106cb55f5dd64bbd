import type { BenchCase, Curve } from '../bench-case.js'
import { LOCAL, seedingPort, startTorrent } from '../clients/torrent.js'
import type { Published } from '../contents.js'
import { probeRate } from '../loads/rate-probe.js'
import { median } from '../measuring/ratios.js'

const RATES: readonly [name: string, bytesPerSecond: number][] = [
  ['100 KiB/s', 100 * 1024],
  ['100 MB/s', 100e6],
]
const SECONDS = 10
const SHORT_SECONDS = 0.3
const AIM_PERCENT = 5

type Direction = 'down' | 'up'

/** How near a limited rate is to its limit, over ten seconds. */
export const LIMITS: BenchCase = {
  name: 'limits',
  title: `rates that are limited, v1, over ${SECONDS} s: median of the runs, and how far the worst is off`,
  needs: [],
  async run(bench): Promise<Curve> {
    const { isShort, rounds } = bench.options
    const published = await bench.contents.random('v1')
    const rows: [string, Direction, number, string, string][] = []
    const deviations: number[] = []
    for (const [name, limit] of RATES) {
      for (const direction of ['down', 'up'] as const) {
        const rates: number[] = []
        for (let round = 0; round < rounds; round++) {
          const seconds = isShort ? SHORT_SECONDS : SECONDS
          const measure = () => measured(published, direction, limit, seconds)
          rates.push(await bench.attempt(`limits, ${name} ${direction}`, measure))
        }
        const all = rates.map(rate => (rate / limit - 1) * 100)
        const worst = all.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0)
        deviations.push(Math.abs(worst))
        rows.push([name, direction, Math.round(median(rates)), percent(median(all)), percent(worst)])
        bench.log(`limits: ${name} ${direction}: ${all.map(percent).join(' ')}`)
      }
    }
    return {
      type: 'curve',
      columns: ['limit', '', 'bytes/s', 'off', 'worst'],
      rows,
      verdicts: rows.map(([name, direction], i) => ({
        figure: `deviation at ${name} ${direction}`,
        value: deviations[i] ?? 0,
        unit: '%',
        bound: 'at most',
        aim: AIM_PERCENT,
      })),
    }
  },
}

/** The received bytes a second, with a limit on the receiver or on the sender. */
async function measured(
  published: Published,
  direction: Direction,
  limit: number,
  seconds: number,
): Promise<number> {
  const limits = direction === 'up' ? ['--limit-up', `${limit}`] : []
  const args = ['seed', published.metainfo, '-d', published.data, '--no-check', ...LOCAL, ...limits]
  const program = startTorrent(args, published.folder)
  await using seeder = await program.seedingAt(seedingPort(program))
  return await probeRate(published, seeder.port, seconds, direction === 'down' ? limit : undefined)
}

function percent(value: number): string {
  return `${value > 0 ? '+' : ''}${value.toFixed(2)} %`
}
