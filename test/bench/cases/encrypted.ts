import type { BenchCase } from '../bench-case.js'
import type { GettingClient, SeedingClient } from '../clients/client.js'
import { LIBTORRENT_RC4 } from '../clients/libtorrent.js'
import { OURS_RC4 } from '../clients/torrent.js'
import { comparison } from './comparison.js'
import { transfer } from './transfer.js'

const GET = comparison({
  name: 'get-rc4',
  title: 'download from one libtorrent seeder, v1, all of it encrypted with RC4',
  needs: LIBTORRENT_RC4.needs,
  other: 'libtorrent',
  aims: { speed: 1 },
  async prepare(bench) {
    const published = await bench.contents.random('v1')
    const get = async (leecher: GettingClient) => (await transfer(leecher, LIBTORRENT_RC4, published)).got
    return { bytes: published.bytes, ours: () => get(OURS_RC4), other: () => get(LIBTORRENT_RC4) }
  },
})

const SEED = comparison({
  name: 'seed-rc4',
  title:
    'upload to a libtorrent leecher, v1, all of it encrypted with RC4; CPU time and memory of the seeder alone',
  needs: LIBTORRENT_RC4.needs,
  other: 'libtorrent',
  aims: { speed: 1 },
  async prepare(bench) {
    const published = await bench.contents.random('v1')
    const seed = async (seeder: SeedingClient) => {
      const { got, given } = await transfer(LIBTORRENT_RC4, seeder, published)
      return { ...given, wallMs: got.wallMs }
    }
    return { bytes: published.bytes, ours: () => seed(OURS_RC4), other: () => seed(LIBTORRENT_RC4) }
  },
})

/** With connections that are encrypted throughout. */
export const ENCRYPTED: readonly BenchCase[] = [GET, SEED]
