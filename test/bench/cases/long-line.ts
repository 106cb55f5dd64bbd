import { join } from 'node:path'
import { digestTree, writeRandomFile } from '../../support/content.js'
import type { Bench } from '../bench.js'
import type { BenchCase } from '../bench-case.js'
import type { GettingClient } from '../clients/client.js'
import { LIBTORRENT_21 } from '../clients/libtorrent.js'
import { overLine } from '../clients/line.js'
import { WIDE_SOURCE } from '../clients/source.js'
import { OURS_PLAIN } from '../clients/torrent.js'
import { PIECE_LENGTH, type Published, publish } from '../contents.js'
import { comparison } from './comparison.js'
import { transfer } from './transfer.js'

const MAX_BYTES = 128 * 2 ** 20

/** Downloads from one fast peer that is far away: how soon, and how far, more is asked of it at a time. */
export const LONG_LINES: readonly BenchCase[] = [50, 200].map(roundTripMs => {
  const seeder = overLine(WIDE_SOURCE, roundTripMs / 2)
  const get = async (client: GettingClient, published: Published) =>
    (await transfer(client, seeder, published)).got
  return comparison({
    name: `long-line-${roundTripMs}`,
    title: `download of up to 128 MiB from one fast peer over a line of ${roundTripMs} ms round trip, v1`,
    needs: LIBTORRENT_21.needs,
    other: LIBTORRENT_21.name,
    aims: { speed: 1.5 },
    async prepare(bench) {
      const published = await publishContent(bench, roundTripMs)
      return {
        bytes: published.bytes,
        ours: () => get(OURS_PLAIN, published),
        other: () => get(LIBTORRENT_21, published),
      }
    },
  })
})

async function publishContent({ folder, options }: Bench, roundTripMs: number): Promise<Published> {
  const bytes = Math.min(options.size, MAX_BYTES)
  const data = folder.join('long-line')
  const name = `content-${roundTripMs}.bin`
  await writeRandomFile(join(data, name), bytes, 2)
  const content = { data, name, bytes, digests: await digestTree(join(data, name)), folder }
  return await publish({ ...content, format: 'v1', pieceLength: PIECE_LENGTH })
}
