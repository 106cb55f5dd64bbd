import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { EXIT } from '../../../src/cli/errors/exit-codes.js'
import { within } from '../../support/deadline.js'
import type { Bench } from '../bench.js'
import type { BenchCase, Curve, Format } from '../bench-case.js'
import { LOCAL, OURS, PLAIN, startTorrent } from '../clients/torrent.js'
import { type Published, readMetainfo } from '../contents.js'
import { Uploader } from '../loads/uploader.js'
import { publishZeros } from '../zeros.js'
import { HUGE_ENGINE } from './huge-engine.js'

const SIZE = 2 ** 40
const PIECE_COUNTS = [2 ** 16, 2 ** 18, 2 ** 20]
const SHORT_PIECE_COUNTS = [2 ** 16]
const FORMATS: readonly Format[] = ['v1', 'v2']

const WITHIN_MS = 120_000
const AIM_MB = 150

/** The program begins with a torrent of 1 TiB. */
const START: BenchCase = {
  name: 'huge-start',
  title:
    'start with a torrent of 1 TiB: until `seed --no-check` listens, and until `get` has its first block',
  needs: [],
  async run(bench): Promise<Curve> {
    const rows: (string | number)[][] = []
    for (const format of FORMATS) {
      for (const pieceCount of bench.options.isShort ? SHORT_PIECE_COUNTS : PIECE_COUNTS) {
        const pieceLength = SIZE / pieceCount
        const published = await publishZeros({ bytes: SIZE, pieceLength, format, folder: bench.folder })
        const row = await bench.attempt('huge-start', () => measureStart(bench, published))
        await rm(join(published.data, published.name))
        rows.push([format, pieceCount, ...row])
        bench.log(`huge-start: ${format}, ${pieceCount} pieces: ${row.join(', ')}`)
      }
    }
    const columns = ['format', 'pieces', 'seed s', 'seed peak MB', 'get s', 'get peak MB']
    const peakMb = Math.max(...rows.flatMap(row => [Number(row[3]), Number(row[5])]))
    return {
      type: 'curve',
      columns,
      rows,
      verdicts: [
        { figure: 'peak memory with 1 TiB', value: peakMb, unit: 'MB', bound: 'at most', aim: AIM_MB },
      ],
    }
  },
}

async function measureStart({ folder }: Bench, published: Published): Promise<readonly number[]> {
  const seedStart = performance.now()
  await using seeder = await OURS.seed(published)
  const seedMs = performance.now() - seedStart
  const seed = await seeder.stop()

  const { pieceCount } = await readMetainfo(published.metainfo)
  const zeros = new Uint8Array(2 ** 14)
  await using uploader = await Uploader.open({
    pieceCount,
    read: (_, __, length) => zeros.subarray(0, length),
    bytesPerSecond: 2 ** 20,
  })
  const into = folder.join('got')
  const getStart = performance.now()
  const args = [
    'get',
    published.metainfo,
    '-d',
    into,
    ...LOCAL,
    ...PLAIN,
    '--peer',
    `127.0.0.1:${uploader.port}`,
  ]
  await using program = startTorrent(args, folder)
  await within(WITHIN_MS, 'the first block', uploader.began)
  const getMs = performance.now() - getStart
  const get = await program.stop([EXIT.stopped])
  await rm(into, { recursive: true })
  const seconds = (ms: number) => Number((ms / 1000).toFixed(2))
  return [seconds(seedMs), Math.round(seed.peakBytes / 1e6), seconds(getMs), Math.round(get.peakBytes / 1e6)]
}

export const HUGE: readonly BenchCase[] = [START, HUGE_ENGINE]
