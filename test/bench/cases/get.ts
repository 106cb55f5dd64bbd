import { type BenchCase, FORMATS } from '../bench-case.js'
import { ARIA2 } from '../clients/aria2.js'
import type { GettingClient } from '../clients/client.js'
import { LIBTORRENT } from '../clients/libtorrent.js'
import { OURS } from '../clients/torrent.js'
import { WEBTORRENT } from '../clients/webtorrent.js'
import { type Aims, fileComparison } from './comparison.js'
import { transfer } from './transfer.js'

/** Downloads from one libtorrent seeder. */
export const GETS: readonly BenchCase[] = [
  ...FORMATS.map(format => against(LIBTORRENT, format, { speed: 1.5, cpu: 1 })),
  against(ARIA2, 'v1', { speed: 3 }, 'get-aria2'),
  against(WEBTORRENT, 'v1', { speed: 2.5 }, 'get-webtorrent'),
]

function against(
  other: GettingClient,
  format: (typeof FORMATS)[number],
  aims: Aims,
  name = `get-${format}`,
): BenchCase {
  return fileComparison<GettingClient>({
    name,
    title: `download from one libtorrent seeder, ${format}`,
    needs: [...other.needs, ...LIBTORRENT.needs],
    other: other.name,
    aims,
    format,
    clients: { ours: OURS, other },
    run: async (leecher, published) => (await transfer(leecher, LIBTORRENT, published)).got,
  })
}
