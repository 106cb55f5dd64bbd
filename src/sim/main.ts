// `npm run sim`: simulates swarms and DHTs, prints their figures, and how to repeat a run. `options.ts` has the options.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CommanderError } from '@commander-js/extra-typings'
import { Violation } from './checks/violation.js'
import { DHT_SCENARIOS } from './dht/dht-scenarios.js'
import { readOptions, type SimOptions } from './options.js'
import { figuresText, summarize } from './report/figures-text.js'
import { TraceFile } from './report/trace-file.js'
import { SCENARIOS } from './scenarios/all-scenarios.js'
import type { Figure } from './scenarios/scenario.js'
import { dhtSimulation, type Outcome, type Simulation, swarmSimulation } from './simulation.js'

/** One run, as `--json` writes it. */
interface KeptRun {
  readonly scenario: string
  readonly seed: number
  readonly size: object
  readonly digest: string
  readonly events: number
  readonly virtualSeconds: number
  readonly figures: readonly Figure[]
}

function main(args: readonly string[]): void {
  const options = readOptions(args)
  if (options.isList) {
    const all = [...SCENARIOS, ...DHT_SCENARIOS]
    const width = Math.max(...all.map(({ name }) => name.length))
    for (const { name, title } of all) console.log(`${name.padEnd(width)}  ${title}`)
    return
  }
  const simulations = [
    ...options.swarms.map(scenario => swarmSimulation(scenario, options)),
    ...options.networks.map(scenario => dhtSimulation(scenario, options)),
  ]
  const kept = simulations.flatMap(simulation => runAll(simulation, options))
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(kept, undefined, 2)}\n`)
}

/** Runs it with each seed. */
function runAll(simulation: Simulation, options: SimOptions): KeptRun[] {
  const { name, title, size, sizeText } = simulation
  console.log(`\n${name}: ${title}\n  ${sizeText}`)
  const runs: KeptRun[] = []
  for (let seed = options.seed; seed < options.seed + options.runs; seed++) {
    const began = process.cpuUsage()
    const outcome = runOnce(simulation, seed, options)
    if (outcome === undefined) continue
    const used = process.cpuUsage(began)
    const { virtualMs, events, digest, figures, curves } = outcome
    const virtualSeconds = virtualMs / 1_000
    runs.push({ scenario: name, seed, size, digest, events, virtualSeconds, figures })
    console.log(
      `  seed ${seed}: ${virtualSeconds.toFixed(1)} s in ${((used.user + used.system) / 1e6).toFixed(1)} s, ${events} events, digest ${digest}`,
    )
    if (options.svg !== undefined) draw(options.svg, `${name}-${seed}`, curves)
  }
  console.log(figuresText(summarize(runs.map(({ figures }) => figures)), runs.length))
  return runs
}

/** Undefined where an invariant did not hold. */
function runOnce(simulation: Simulation, seed: number, { trace }: SimOptions): Outcome | undefined {
  using file = trace === undefined ? undefined : new TraceFile(trace)
  try {
    return simulation.run(seed, file && (line => file.line(line)))
  } catch (error) {
    if (!(error instanceof Violation)) throw error
    process.exitCode = 1
    console.error(
      `  seed ${seed} FAILED: ${error.message}\n  replay: npm run sim -- ${simulation.name} --seed ${seed} ${simulation.sizeOptions} --trace trace.txt`,
    )
    return undefined
  }
}

function draw(folder: string, name: string, curves: ReadonlyMap<string, string>): void {
  mkdirSync(folder, { recursive: true })
  for (const [curve, picture] of curves) writeFileSync(join(folder, `${name}-${curve}.svg`), picture)
}

try {
  main(process.argv.slice(2))
} catch (error) {
  // commander has already printed what is wrong.
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? 0 : 2
}
