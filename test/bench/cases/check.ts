import { type BenchCase, FORMATS } from '../bench-case.js'
import type { CheckingClient } from '../clients/client.js'
import { LIBTORRENT } from '../clients/libtorrent.js'
import { OURS } from '../clients/torrent.js'
import { fileComparison } from './comparison.js'

/** Verifications of data that is right, in the page cache. */
export const CHECKS: readonly BenchCase[] = FORMATS.map(format =>
  fileComparison<CheckingClient>({
    name: `check-${format}`,
    title: `verify data on the disk, ${format}`,
    needs: LIBTORRENT.needs,
    other: 'libtorrent',
    aims: { speed: 3 },
    format,
    clients: { ours: OURS, other: LIBTORRENT },
    run: (client, published) => client.check(published),
  }),
)
