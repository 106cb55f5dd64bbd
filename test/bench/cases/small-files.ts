import { access } from 'node:fs/promises'
import { digestTree, writeTree } from '../../support/content.js'
import type { Bench } from '../bench.js'
import type { BenchCase, Curve, Verdict } from '../bench-case.js'
import { ARIA2 } from '../clients/aria2.js'
import { LIBTORRENT } from '../clients/libtorrent.js'
import { MKTORRENT } from '../clients/mktorrent.js'
import { OURS, type TorrentClient, torrentClient } from '../clients/torrent.js'
import { type Published, publish } from '../contents.js'
import { readLongestBlockMs, type Sample, watchingBlocks } from '../measuring/measure.js'
import type { Tool } from '../tools.js'
import { makeAndVerify } from './make.js'
import { transfer } from './transfer.js'

const COUNTS = [1_000, 10_000, 100_000]
const SHORT_COUNTS = [200]
const FILE_LENGTH = 4096
const FILES_A_FOLDER = 1000
const PIECE_LENGTH = 2 ** 18

const AIM_PEAK_MB = 150
const AIM_BLOCK_MS = 50

/** Count of files, rates of ours and the other, their ratio, peak MB and longest block in ms of ours. */
type Row = readonly [number, number, number, number, number, number]

type Run = (published: Published) => Promise<Sample>

/** What a folder of many small files costs, in files a second; v1, since both others speak only that. */
export const SMALL_FILES: readonly BenchCase[] = [
  smallFiles({
    work: 'make',
    other: 'mktorrent',
    needs: MKTORRENT.needs,
    ours: (published, client) => makeAndVerify(client, published, MAKE),
    others: published => makeAndVerify(MKTORRENT, published, MAKE),
  }),
  smallFiles({
    work: 'check',
    other: 'aria2',
    needs: ARIA2.needs,
    ours: (published, client) => client.check(published),
    others: published => ARIA2.check(published),
  }),
  smallFiles({
    work: 'get',
    other: 'aria2',
    needs: [...ARIA2.needs, ...LIBTORRENT.needs],
    ours: async (published, client) => (await transfer(client, LIBTORRENT, published)).got,
    others: async published => (await transfer(ARIA2, LIBTORRENT, published)).got,
  }),
]

const MAKE = { format: 'v1', pieceLength: PIECE_LENGTH, checksums: false } as const

function smallFiles(options: {
  readonly work: string
  readonly other: string
  readonly needs: readonly Tool[]
  readonly ours: (published: Published, client: TorrentClient) => Promise<Sample>
  readonly others: Run
}): BenchCase {
  const { work, other, needs } = options
  const name = `small-files-${work}`
  return {
    name,
    title: `${work} ${FILE_LENGTH / 1024} KiB files, v1, from one run each; files a second, and of ours the peak memory and the longest block of the main thread`,
    needs,
    async run(bench): Promise<Curve> {
      const rows: Row[] = []
      for (const count of bench.options.isShort ? SHORT_COUNTS : COUNTS) {
        const published = await writeFiles(bench, count)
        const rateOf = async (who: string, run: Run) => {
          const { wallMs, peakBytes } = await bench.attempt(`${name}: ${who}`, () => run(published))
          bench.log(`${name}: ${who} ${count} files in ${(wallMs / 1000).toFixed(2)} s`)
          return { rate: Math.round((count / wallMs) * 1000), peakMb: Math.round(peakBytes / 1e6) }
        }
        const ours = await rateOf('torrent', published => options.ours(published, OURS))
        const others = await rateOf(other, options.others)
        // Watching takes memory and time, so that it has a run of its own.
        const blocks = bench.folder.join('blocks-small-files.json')
        await bench.attempt(name, () => options.ours(published, torrentClient(watchingBlocks(blocks))))
        const blockMs = Number((await readLongestBlockMs(blocks)).toFixed(1))
        const ratio = Number((ours.rate / others.rate).toFixed(2))
        rows.push([count, ours.rate, others.rate, ratio, ours.peakMb, blockMs])
      }
      const columns = ['files', 'torrent', other, '×', 'peak MB', 'block ms']
      return { type: 'curve', columns, rows, verdicts: verdictsOf(rows) }
    },
  }

  function verdictsOf(rows: readonly Row[]): readonly Verdict[] {
    return rows.slice(-1).flatMap(([count, , , ratio, peakMb, blockMs]) => [
      {
        figure: `${work} of ${count} files against ${other}`,
        value: ratio,
        unit: '×',
        bound: 'at least',
        aim: 1,
      },
      {
        figure: `peak memory of ${work} of ${count} files`,
        value: peakMb,
        unit: 'MB',
        bound: 'at most',
        aim: AIM_PEAK_MB,
      },
      {
        figure: `longest block in ${work} of ${count} files`,
        value: blockMs,
        unit: 'ms',
        bound: 'at most',
        aim: AIM_BLOCK_MS,
      },
    ])
  }
}

/** Written once for all cases. */
async function writeFiles({ folder }: Bench, count: number): Promise<Published> {
  const data = folder.join('small-files')
  const name = `files-${count}`
  const files = Array.from({ length: count }, (_, i) => ({
    path: `${Math.floor(i / FILES_A_FOLDER)}/${i}`,
    bytes: FILE_LENGTH,
  }))
  const root = folder.join('small-files', name)
  const isThere = await access(root).then(
    () => true,
    () => false,
  )
  if (!isThere) await writeTree(root, files, 1)
  const content = { data, name, bytes: count * FILE_LENGTH, digests: await digestTree(root), folder }
  return await publish({ ...content, format: 'v1', pieceLength: PIECE_LENGTH })
}
