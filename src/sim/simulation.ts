import { SeededRandom } from '../base/random.js'
import { dhtCurvesOf } from './dht/dht-curves.js'
import { DhtRun } from './dht/dht-run.js'
import type { DhtScenario } from './dht/dht-scenarios.js'
import type { SimOptions } from './options.js'
import { curvesOf } from './report/curves.js'
import type { Figure, Scenario } from './scenarios/scenario.js'
import { SwarmRun } from './world/swarm-run.js'

/** What came of one run. */
export interface Outcome {
  readonly virtualMs: number
  readonly events: number
  readonly digest: string
  readonly figures: readonly Figure[]
  /** Pictures, by name. */
  readonly curves: ReadonlyMap<string, string>
}

/** A scenario at the size that was chosen. */
export interface Simulation {
  readonly name: string
  readonly title: string
  readonly size: object
  readonly sizeText: string
  /** The options that give the same size again. */
  readonly sizeOptions: string
  /**
   * @param onLine is called with a line for each event
   * @throws {import('./checks/violation.js').Violation} where an invariant does not hold
   */
  run(seed: number, onLine: ((line: string) => void) | undefined): Outcome
}

export function swarmSimulation(scenario: Scenario, options: SimOptions): Simulation {
  const { pieceLength, pick, degree } = options
  const { peers = scenario.defaults.peers, pieces = scenario.defaults.pieces } = options
  const size = { peers, pieces, pieceLength, pick, degree }
  const kibibytes = pieceLength / 1024
  return {
    name: scenario.name,
    title: scenario.title,
    size,
    sizeText: `${peers} peers, ${pieces} pieces of ${kibibytes} KiB, --pick ${pick}`,
    sizeOptions: `--peers ${peers} --pieces ${pieces} --piece-length ${kibibytes} --degree ${degree} --pick ${pick}`,
    run(seed, onLine) {
      const result = new SwarmRun(scenario.plan(size, new SeededRandom(seed)), seed, onLine).run()
      const { endedAt, events, digest } = result
      const figures = scenario.figures(result)
      return { virtualMs: endedAt, events, digest, figures, curves: curvesOf(result) }
    },
  }
}

export function dhtSimulation(scenario: DhtScenario, options: SimOptions): Simulation {
  const { nodes = scenario.defaults.nodes, lookups = scenario.defaults.lookups } = options
  const size = { nodes, lookups }
  return {
    name: scenario.name,
    title: scenario.title,
    size,
    sizeText: `${nodes} nodes, ${lookups} lookups`,
    sizeOptions: `--nodes ${nodes} --lookups ${lookups}`,
    run(seed, onLine) {
      const result = new DhtRun(scenario.plan(size), seed, onLine).run()
      const { endedAt, events, digest } = result
      const figures = scenario.figures(result)
      return { virtualMs: endedAt, events, digest, figures, curves: dhtCurvesOf(result) }
    },
  }
}
