// `npm run sim`: simulates swarms, prints their figures, and how to repeat a run. `options.ts` has the options.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CommanderError } from '@commander-js/extra-typings'
import { SeededRandom } from '../base/random.js'
import { Violation } from './checks/violation.js'
import { readOptions, type SimOptions } from './options.js'
import { curvesOf } from './report/curves.js'
import { figuresText, summarize } from './report/figures-text.js'
import { TraceFile } from './report/trace-file.js'
import type { Figure, Scenario, SwarmSize } from './scenarios/scenario.js'
import type { SwarmResult } from './world/swarm-result.js'
import { SwarmRun } from './world/swarm-run.js'

/** One run, as `--json` writes it. */
interface KeptRun {
  readonly scenario: string
  readonly seed: number
  readonly size: SwarmSize
  readonly digest: string
  readonly events: number
  readonly virtualSeconds: number
  readonly figures: readonly Figure[]
}

function main(args: readonly string[]): void {
  const options = readOptions(args)
  if (options.isList) {
    const width = Math.max(...options.scenarios.map(({ name }) => name.length))
    for (const { name, title } of options.scenarios) console.log(`${name.padEnd(width)}  ${title}`)
    return
  }
  const kept = options.scenarios.flatMap(scenario => runScenario(scenario, options))
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(kept, undefined, 2)}\n`)
}

function runScenario(scenario: Scenario, options: SimOptions): KeptRun[] {
  const size = sizeOf(scenario, options)
  console.log(
    `\n${scenario.name}: ${scenario.title}\n  ${size.peers} peers, ${size.pieces} pieces of ${size.pieceLength / 1024} KiB, --pick ${size.pick}`,
  )
  const runs: KeptRun[] = []
  for (let seed = options.seed; seed < options.seed + options.runs; seed++) {
    const began = process.cpuUsage()
    const result = runOnce(scenario, size, seed, options)
    if (result === undefined) continue
    const used = process.cpuUsage(began)
    const virtualSeconds = result.endedAt / 1_000
    const { digest, events } = result
    runs.push({
      scenario: scenario.name,
      seed,
      size,
      digest,
      events,
      virtualSeconds,
      figures: scenario.figures(result),
    })
    console.log(
      `  seed ${seed}: ${virtualSeconds.toFixed(1)} s in ${((used.user + used.system) / 1e6).toFixed(1)} s, ${events} events, digest ${digest}`,
    )
    if (options.svg !== undefined) draw(options.svg, `${scenario.name}-${seed}`, result)
  }
  console.log(figuresText(summarize(runs.map(({ figures }) => figures)), runs.length))
  return runs
}

function sizeOf(scenario: Scenario, options: SimOptions): SwarmSize {
  const { pieceLength, pick, degree } = options
  const { peers = scenario.defaults.peers, pieces = scenario.defaults.pieces } = options
  return { peers, pieces, pieceLength, pick, degree }
}

/** Undefined where an invariant did not hold. */
function runOnce(
  scenario: Scenario,
  size: SwarmSize,
  seed: number,
  { trace }: SimOptions,
): SwarmResult | undefined {
  using file = trace === undefined ? undefined : new TraceFile(trace)
  try {
    const plan = scenario.plan(size, new SeededRandom(seed))
    return new SwarmRun(plan, seed, file && (line => file.line(line))).run()
  } catch (error) {
    if (!(error instanceof Violation)) throw error
    process.exitCode = 1
    const { peers, pieces, pieceLength, pick, degree } = size
    console.error(
      `  seed ${seed} FAILED: ${error.message}\n  replay: npm run sim -- ${scenario.name} --seed ${seed} --peers ${peers} --pieces ${pieces} --piece-length ${pieceLength / 1024} --degree ${degree} --pick ${pick} --trace trace.txt`,
    )
    return undefined
  }
}

function draw(folder: string, name: string, result: SwarmResult): void {
  mkdirSync(folder, { recursive: true })
  for (const [curve, picture] of curvesOf(result))
    writeFileSync(join(folder, `${name}-${curve}.svg`), picture)
}

try {
  main(process.argv.slice(2))
} catch (error) {
  // commander has already printed what is wrong.
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? 0 : 2
}
