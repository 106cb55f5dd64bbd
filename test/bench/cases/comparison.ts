import type { Bench } from '../bench.js'
import type { BenchCase, Comparison, Format, Verdict } from '../bench-case.js'
import type { Published } from '../contents.js'
import type { Sample } from '../measuring/measure.js'
import { mediansOf, ratiosOf } from '../measuring/ratios.js'
import type { Tool } from '../tools.js'

/** What ours has to reach beside the other; each is the ratio of the medians of all rounds. */
export interface Aims {
  /** At least this many times as fast. */
  readonly speed?: number
  /** At most this many times its CPU seconds. */
  readonly cpu?: number
  /** At most this many times its time; for work too small to have a speed. */
  readonly time?: number
}

/** How a case is run by one side: from the start of the processes to their end, the result verified. */
interface Sides {
  readonly bytes?: number
  readonly ours: () => Promise<Sample>
  readonly other: () => Promise<Sample>
}

interface ComparisonOptions {
  readonly name: string
  readonly title: string
  readonly needs: readonly Tool[]
  /** Name of the other program. */
  readonly other: string
  readonly aims: Aims
  /** How often a round is made for each that was asked for: many, where a run takes milliseconds. */
  readonly roundsEach?: number
  /** What else has to be known to read the figures; asked once all rounds are over. */
  readonly note?: () => string
  readonly prepare: (bench: Bench) => Promise<Sides>
}

/** Both by turns, so that what else the machine does hits both; each round begins with the other one. */
export function comparison(options: ComparisonOptions): BenchCase {
  const { name, title, needs, other, aims } = options
  return {
    name,
    title,
    needs,
    async run(bench): Promise<Comparison> {
      const sides = await options.prepare(bench)
      const ours: Sample[] = []
      const others: Sample[] = []
      const rounds = bench.options.rounds * (bench.options.isShort ? 1 : (options.roundsEach ?? 1))
      for (let round = 0; round < rounds; round++) {
        const turns = [
          async () => ours.push(await measure('torrent', sides.ours, round)),
          async () => others.push(await measure(other, sides.other, round)),
        ]
        for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn()
      }
      const verdicts = verdictsOf(ours, others, other, aims)
      const note = options.note?.()
      return { type: 'comparison', other, bytes: sides.bytes, ours, others, note, verdicts }

      async function measure(who: string, run: () => Promise<Sample>, round: number): Promise<Sample> {
        const sample = await bench.attempt(`${name}: ${who}`, run)
        const figures = `${(sample.wallMs / 1000).toFixed(2)} s, CPU ${(sample.cpuMs / 1000).toFixed(2)} s`
        bench.log(`${name}, ${round + 1} of ${rounds}: ${who} ${figures}`)
        return sample
      }
    },
  }
}

/** As `comparison`, where both clients do the same with the random file. */
export function fileComparison<Client>({
  format,
  clients,
  run,
  ...options
}: Omit<ComparisonOptions, 'prepare'> & {
  readonly format: Format
  readonly clients: { readonly ours: Client; readonly other: Client }
  readonly run: (client: Client, published: Published) => Promise<Sample>
}): BenchCase {
  return comparison({
    ...options,
    async prepare(bench) {
      const published = await bench.contents.random(format)
      return {
        bytes: published.bytes,
        ours: () => run(clients.ours, published),
        other: () => run(clients.other, published),
      }
    },
  })
}

function verdictsOf(
  ours: readonly Sample[],
  others: readonly Sample[],
  other: string,
  aims: Aims,
): readonly Verdict[] {
  const { speed, cpu, time } = ratiosOf(mediansOf(ours), mediansOf(others))
  const verdicts: Verdict[] = []
  if (aims.speed !== undefined)
    verdicts.push({
      figure: `speed against ${other}`,
      value: speed,
      unit: '×',
      bound: 'at least',
      aim: aims.speed,
    })
  if (aims.cpu !== undefined)
    verdicts.push({
      figure: `CPU time against ${other}`,
      value: cpu,
      unit: '×',
      bound: 'at most',
      aim: aims.cpu,
    })
  if (aims.time !== undefined)
    verdicts.push({
      figure: `time against ${other}`,
      value: time,
      unit: '×',
      bound: 'at most',
      aim: aims.time,
    })
  return verdicts
}
