import { type BenchCase, FORMATS, type Format } from '../bench-case.js'
import type { GettingClient } from '../clients/client.js'
import { LIBTORRENT, LIBTORRENT_21 } from '../clients/libtorrent.js'
import { SOURCE } from '../clients/source.js'
import { OURS_PLAIN } from '../clients/torrent.js'
import { fileComparison } from './comparison.js'
import { transfer } from './transfer.js'

/** Downloads from the cheapest seeder, which leaves the processors to the leecher. */
export const FROM_SOURCE: readonly BenchCase[] = FORMATS.flatMap(format => [
  fromSource(LIBTORRENT, format, `source-${format}`),
  fromSource(LIBTORRENT_21, format, `source-${format}-new`),
])

function fromSource(other: GettingClient, format: Format, name: string): BenchCase {
  const seederMs: number[] = []
  const bytes: number[] = []
  return fileComparison<GettingClient>({
    name,
    title: `download from a seeder that costs next to nothing, ${format}`,
    needs: other.needs,
    other: other.name,
    aims: { speed: format === 'hybrid' ? 1.2 : 1.4, cpu: format === 'v1' ? 1.1 : 1.2 },
    format,
    clients: { ours: OURS_PLAIN, other },
    async run(leecher, published) {
      const { got, given } = await transfer(leecher, SOURCE, published)
      seederMs.push(given.cpuMs)
      bytes.push(published.bytes)
      return got
    },
    note: () => {
      const perGb = seederMs.map((ms, i) => ms / 1000 / ((bytes[i] ?? Number.NaN) / 1e9))
      return `The seeder took ${Math.min(...perGb).toFixed(2)} to ${Math.max(...perGb).toFixed(2)} s of CPU a GB.`
    },
  })
}
