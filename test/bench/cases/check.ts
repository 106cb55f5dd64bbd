import { type BenchCase, FORMATS } from '../bench-case.js'
import { LIBTORRENT } from '../clients/libtorrent.js'
import { OURS } from '../clients/torrent.js'
import { comparison } from './comparison.js'

/** Verifications of data that is right, in the page cache. */
export const CHECKS: readonly BenchCase[] = FORMATS.map(format =>
  comparison({
    name: `check-${format}`,
    title: `verify data on the disk, ${format}`,
    needs: LIBTORRENT.needs,
    other: 'libtorrent',
    aims: { speed: 3 },
    async prepare(bench) {
      const published = await bench.contents.random(format)
      return {
        bytes: published.bytes,
        ours: () => OURS.check(published),
        other: () => LIBTORRENT.check(published),
      }
    },
  }),
)
