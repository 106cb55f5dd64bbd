import { access } from 'node:fs/promises'
import { digestTree, writeTree } from '../../support/content.js'
import type { Bench } from '../bench.js'
import type { BenchCase, Curve, Verdict } from '../bench-case.js'
import { ARIA2 } from '../clients/aria2.js'
import { LIBTORRENT } from '../clients/libtorrent.js'
import { MKTORRENT } from '../clients/mktorrent.js'
import { OURS } from '../clients/torrent.js'
import { type Published, publish } from '../contents.js'
import type { Sample } from '../measuring/measure.js'
import type { Tool } from '../tools.js'
import { makeAndVerify } from './make.js'
import { transfer } from './transfer.js'

const COUNTS = [1_000, 10_000, 100_000]
const SHORT_COUNTS = [200]
const FILE_LENGTH = 4096
const FILES_A_FOLDER = 1000
const PIECE_LENGTH = 2 ** 18

type Run = (published: Published) => Promise<Sample>

/** What a folder of many small files costs, in files a second; v1, since both others speak only that. */
export const SMALL_FILES: readonly BenchCase[] = [
  smallFiles({
    work: 'make',
    other: 'mktorrent',
    needs: MKTORRENT.needs,
    ours: published => makeAndVerify(OURS, published, MAKE),
    others: published => makeAndVerify(MKTORRENT, published, MAKE),
  }),
  smallFiles({
    work: 'check',
    other: 'aria2',
    needs: ARIA2.needs,
    ours: published => OURS.check(published),
    others: published => ARIA2.check(published),
  }),
  smallFiles({
    work: 'get',
    other: 'aria2',
    needs: [...ARIA2.needs, ...LIBTORRENT.needs],
    ours: async published => (await transfer(OURS, LIBTORRENT, published)).got,
    others: async published => (await transfer(ARIA2, LIBTORRENT, published)).got,
  }),
]

const MAKE = { format: 'v1', pieceLength: PIECE_LENGTH, checksums: false } as const

function smallFiles(options: {
  readonly work: string
  readonly other: string
  readonly needs: readonly Tool[]
  readonly ours: Run
  readonly others: Run
}): BenchCase {
  const { work, other, needs } = options
  const name = `small-files-${work}`
  return {
    name,
    title: `${work} ${FILE_LENGTH / 1024} KiB files, v1, from one run each; files a second`,
    needs,
    async run(bench): Promise<Curve> {
      const rows: [number, number, number, number][] = []
      for (const count of bench.options.isShort ? SHORT_COUNTS : COUNTS) {
        const published = await writeFiles(bench, count)
        const rateOf = async (who: string, run: Run) => {
          const { wallMs } = await bench.attempt(`${name}: ${who}`, () => run(published))
          bench.log(`${name}: ${who} ${count} files in ${(wallMs / 1000).toFixed(2)} s`)
          return Math.round((count / wallMs) * 1000)
        }
        const ours = await rateOf('torrent', options.ours)
        const others = await rateOf(other, options.others)
        rows.push([count, ours, others, Number((ours / others).toFixed(2))])
      }
      return { type: 'curve', columns: ['files', 'torrent', other, '×'], rows, verdicts: verdictsOf(rows) }
    },
  }

  function verdictsOf(rows: readonly (readonly [number, number, number, number])[]): readonly Verdict[] {
    return rows.slice(-1).map(([count, , , ratio]) => ({
      figure: `${work} of ${count} files against ${other}`,
      value: ratio,
      unit: '×',
      bound: 'at least',
      aim: 1,
    }))
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
