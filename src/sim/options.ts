import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings'
import type { PickOrder } from '../engine/pick/make-strategy.js'
import { BLOCK_LENGTH } from '../protocol/metainfo/metainfo.js'
import { DHT_SCENARIOS, type DhtScenario } from './dht/dht-scenarios.js'
import { SCENARIOS } from './scenarios/all-scenarios.js'
import type { Scenario } from './scenarios/scenario.js'

const ORDERS: readonly PickOrder[] = ['random', 'rarest', 'random-then-rarest', 'sequential']

export interface SimOptions {
  readonly swarms: readonly Scenario[]
  readonly networks: readonly DhtScenario[]
  readonly isList: boolean
  readonly seed: number
  readonly runs: number
  /** Undefined: the scenario's own. */
  readonly peers: number | undefined
  readonly pieces: number | undefined
  readonly nodes: number | undefined
  readonly lookups: number | undefined
  readonly pieceLength: number
  readonly degree: number
  readonly pick: PickOrder
  readonly trace: string | undefined
  readonly svg: string | undefined
  readonly json: string | undefined
}

/**
 * Reads the command line.
 * @throws {import('commander').CommanderError} where it is wrong, or only help was asked for
 */
export function readOptions(args: readonly string[]): SimOptions {
  const command = new Command('npm run sim --')
    .description(
      'Swarms and DHTs in virtual time: the engine and the nodes of the real client on simulated hosts and lines.',
    )
    .argument('[scenario...]', 'scenarios to simulate (default: all swarms)')
    .option('--list', 'list the scenarios')
    .option('--seed <n>', 'seed of all randomness: the same seed gives the same run', countFrom(0), 1)
    .option('--runs <n>', 'runs of each scenario, with consecutive seeds', countFrom(1), 1)
    .option('--peers <n>', 'leechers', countFrom(1))
    .option('--pieces <n>', 'pieces of the content', countFrom(1))
    .option('--piece-length <KiB>', 'length of a piece, a multiple of 16', lengthValue, 256 * 1024)
    .option('--nodes <n>', 'nodes of a DHT', countFrom(20))
    .option('--lookups <n>', 'lookups in a DHT that are measured', countFrom(1))
    .option('--degree <n>', 'connections of a host, at most', countFrom(1), 40)
    .addOption(
      new Option('--pick <order>', 'order in which pieces are fetched')
        .choices(ORDERS)
        .default('random' as const),
    )
    .option('--trace <file>', 'write a line for each event to a file')
    .option(
      '--svg <folder>',
      'draw curves: complete peers, bytes sent by the seed, share ratios; queries and times of lookups',
    )
    .option('--json <file>', 'write all figures to a file')
    .exitOverride()
    .parse(args, { from: 'user' })
  const { list, ...options } = command.opts()
  return {
    ...{ peers: undefined, pieces: undefined, nodes: undefined, lookups: undefined },
    ...{ trace: undefined, svg: undefined, json: undefined },
    ...options,
    isList: list === true,
    ...chosenScenarios(command.args, command),
  }
}

function chosenScenarios(
  names: readonly string[],
  command: { error(message: string): never },
): Pick<SimOptions, 'swarms' | 'networks'> {
  if (names.length === 0) return { swarms: SCENARIOS, networks: [] }
  for (const name of names) {
    if ([...SCENARIOS, ...DHT_SCENARIOS].some(each => each.name === name)) continue
    command.error(`error: there is no scenario ${name}: --list shows all`)
  }
  const isNamed = ({ name }: { readonly name: string }) => names.includes(name)
  return { swarms: SCENARIOS.filter(isNamed), networks: DHT_SCENARIOS.filter(isNamed) }
}

function countFrom(least: number): (text: string) => number {
  return text => {
    const count = Number(text)
    if (/^\d+$/.test(text) && Number.isSafeInteger(count) && count >= least) return count
    throw new InvalidArgumentError(`It must be a whole number from ${least} up.`)
  }
}

function lengthValue(text: string): number {
  const bytes = countFrom(1)(text) * 1024
  if (bytes % BLOCK_LENGTH === 0) return bytes
  throw new InvalidArgumentError('It must be a multiple of 16.')
}
