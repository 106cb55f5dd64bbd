import { join } from 'node:path'
import type { Bench } from '../bench.js'
import type { BenchCase, Curve } from '../bench-case.js'
import { torrentClient } from '../clients/torrent.js'
import { PIECE_LENGTH } from '../contents.js'
import { readLongestBlockMs, watchingBlocks } from '../measuring/measure.js'
import { median } from '../measuring/ratios.js'
import { transfer } from './transfer.js'

const AIM_MS = 50

/**
 * For how long the main thread cannot turn to anything else, from runs that are not timed. Loading modules does not
 * count, since they are loaded before the watch begins, nor does the time in which others of the machine had the CPU.
 */
export const EVENT_LOOP: BenchCase = {
  name: 'event-loop',
  title: 'longest block of the main thread, hybrid, after modules are loaded: median (range) of the runs',
  needs: [],
  async run(bench): Promise<Curve> {
    const longest: Record<string, number[]> = { get: [], seed: [], make: [], check: [] }
    for (let round = 0; round < bench.options.rounds; round++) {
      for (const [work, ms] of Object.entries(await blocksOf(bench))) longest[work]?.push(ms)
    }
    const medians = Object.entries(longest).map(([work, blocks]) => ({ work, blocks, ms: median(blocks) }))
    return {
      type: 'curve',
      columns: ['', 'ms', '(range)'],
      rows: medians.map(({ work, blocks, ms }) => [
        work,
        Number(ms.toFixed(1)),
        `${Math.min(...blocks).toFixed(1)}–${Math.max(...blocks).toFixed(1)}`,
      ]),
      verdicts: medians.map(({ work, ms }) => ({
        figure: `longest block in ${work}`,
        value: ms,
        unit: 'ms',
        bound: 'at most',
        aim: AIM_MS,
      })),
    }
  },
}

async function blocksOf(bench: Bench): Promise<Record<'get' | 'seed' | 'make' | 'check', number>> {
  const published = await bench.contents.random('hybrid')
  const results = { get: '', seed: '', make: '', check: '' }
  const watched = (work: keyof typeof results) => {
    results[work] = join(published.folder.path, `blocks-${work}.json`)
    return torrentClient(watchingBlocks(results[work]))
  }
  await bench.attempt('event-loop', () => transfer(watched('get'), watched('seed'), published))
  const out = published.folder.join('made.torrent')
  await watched('make').make(published, out, { format: 'hybrid', pieceLength: PIECE_LENGTH, checksums: true })
  await watched('check').check(published)
  return {
    get: await readLongestBlockMs(results.get),
    seed: await readLongestBlockMs(results.seed),
    make: await readLongestBlockMs(results.make),
    check: await readLongestBlockMs(results.check),
  }
}
