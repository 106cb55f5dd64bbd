import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { EXIT } from '../../../src/cli/errors/exit-codes.js'
import type { Bench } from '../bench.js'
import type { BenchCase, Curve } from '../bench-case.js'
import type { MeasuredProcess } from '../clients/measured-process.js'
import { LOCAL, OURS, PLAIN, startTorrent } from '../clients/torrent.js'
import { type Published, readMetainfo } from '../contents.js'
import { drain } from '../loads/drain.js'
import { Uploader } from '../loads/uploader.js'
import type { Sample } from '../measuring/measure.js'
import { publishZeros } from '../zeros.js'

const AIM_MB = 150
const PIECE_LENGTH = 16 * 2 ** 20
const GIB = 2 ** 30
const SIZES = [GIB, 4 * GIB, 16 * GIB, 1024 * GIB]
const SHORT_SIZES = [2 ** 26]

/** What takes longer is stopped: memory that grows with the size has grown by then. */
const AT_MOST_MS = 30_000

/** `get` writes for real, and a disk has an end. */
const MAX_WRITTEN = 4 * GIB
/** Bytes that a seeder of a large torrent is asked for. */
const MAX_READ = 4 * GIB

type Work = (published: Published, bench: Bench) => Promise<Sample>

/** Peak memory of whole processes over content that is one hole. */
export const MEMORIES: readonly BenchCase[] = [
  memory('get', async (published, { folder }) => {
    const { pieceCount } = await readMetainfo(published.metainfo)
    const into = folder.join('got')
    const zeros = new Uint8Array(2 ** 14)
    // What a run left behind that was given up.
    await rm(into, { recursive: true, force: true })
    await using seeder = await Uploader.open({
      pieceCount,
      read: (_, __, length) => zeros.subarray(0, length),
    })
    const args = ['get', published.metainfo, '-d', into, '--exit', ...LOCAL, ...PLAIN]
    await using program = startTorrent([...args, '--peer', `127.0.0.1:${seeder.port}`], folder)
    const isEnough = () => seeder.sent >= MAX_WRITTEN
    const sample = await endOrStop(program, isEnough)
    await rm(into, { recursive: true })
    return sample
  }),
  memory('seed', async published => {
    const metainfo = await readMetainfo(published.metainfo)
    await using seeder = await OURS.seed(published)
    await drain(metainfo, seeder.port, 1, Math.min(published.bytes, MAX_READ))
    return await seeder.stop()
  }),
  memory('make', async (published, { folder }) => {
    const out = folder.join('made.torrent')
    const path = join(published.data, published.name)
    const args = ['make', path, '-o', out, '--piece-length', '16MiB', '-q', '-f']
    await using program = startTorrent(args, folder)
    return await endOrStop(program)
  }),
  memory('check', async (published, { folder }) => {
    await using program = startTorrent(['check', published.metainfo, '-d', published.data, '-q'], folder)
    return await endOrStop(program)
  }),
]

function memory(work: string, run: Work): BenchCase {
  return {
    name: `memory-${work}`,
    title: `peak memory of \`${work}\`, hybrid, pieces of 16 MiB, stopped after ${AT_MOST_MS / 1000} s or ${MAX_READ / GIB} GiB moved`,
    needs: [],
    async run(bench): Promise<Curve> {
      const rows: [string, number, number][] = []
      for (const bytes of bench.options.isShort ? SHORT_SIZES : SIZES) {
        const { folder } = bench
        const published = await publishZeros({ bytes, pieceLength: PIECE_LENGTH, format: 'hybrid', folder })
        const sample = await bench.attempt(`memory-${work}`, () => run(published, bench))
        await rm(join(published.data, published.name))
        const peakMb = Math.round(sample.peakBytes / 1e6)
        rows.push([`${bytes / GIB} GiB`, peakMb, Number((sample.wallMs / 1000).toFixed(1))])
        bench.log(`memory-${work} of ${bytes / GIB} GiB: ${peakMb} MB`)
      }
      return {
        type: 'curve',
        columns: ['content', 'peak MB', 's'],
        rows,
        verdicts: [
          {
            figure: `peak memory of ${work}`,
            value: Math.max(...rows.map(([, peakMb]) => peakMb)),
            unit: 'MB',
            bound: 'at most',
            aim: AIM_MB,
          },
        ],
      }
    },
  }
}

/** Waits for the end, or stops the program when it has run long enough. */
async function endOrStop(program: MeasuredProcess, isEnough = () => false): Promise<Sample> {
  const start = performance.now()
  while (program.isRunning && performance.now() - start < AT_MOST_MS && !isEnough()) {
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  return program.isRunning ? await program.stop([EXIT.stopped]) : await program.end(0)
}
