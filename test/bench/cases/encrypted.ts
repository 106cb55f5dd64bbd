import type { BenchCase } from '../bench-case.js'
import type { GettingClient, SeedingClient } from '../clients/client.js'
import { LIBTORRENT_RC4 } from '../clients/libtorrent.js'
import { OURS_RC4 } from '../clients/torrent.js'
import { fileComparison } from './comparison.js'
import { seedTo, transfer } from './transfer.js'

const GET = fileComparison<GettingClient>({
  name: 'get-rc4',
  title: 'download from one libtorrent seeder, v1, all of it encrypted with RC4',
  needs: LIBTORRENT_RC4.needs,
  other: 'libtorrent',
  aims: { speed: 1 },
  format: 'v1',
  clients: { ours: OURS_RC4, other: LIBTORRENT_RC4 },
  run: async (leecher, published) => (await transfer(leecher, LIBTORRENT_RC4, published)).got,
})

const SEED = fileComparison<SeedingClient>({
  name: 'seed-rc4',
  title:
    'upload to a libtorrent leecher, v1, all of it encrypted with RC4; CPU time and memory of the seeder alone',
  needs: LIBTORRENT_RC4.needs,
  other: 'libtorrent',
  aims: { speed: 1 },
  format: 'v1',
  clients: { ours: OURS_RC4, other: LIBTORRENT_RC4 },
  run: (seeder, published) => seedTo(LIBTORRENT_RC4, seeder, published),
})

/** With connections that are encrypted throughout. */
export const ENCRYPTED: readonly BenchCase[] = [GET, SEED]
