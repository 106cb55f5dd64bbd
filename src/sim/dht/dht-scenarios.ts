import { mean, median } from '../scenarios/measures.js'
import type { Figure } from '../scenarios/scenario.js'
import type { DhtPlan, DhtSize } from './dht-plan.js'
import type { DhtResult, LookupOutcome } from './dht-result.js'

const HOUR_MS = 3_600_000

/** A network of DHT nodes, and the figures that are taken of it. */
export interface DhtScenario {
  readonly name: string
  readonly title: string
  readonly defaults: DhtSize
  plan(size: DhtSize): DhtPlan
  figures(result: DhtResult): Figure[]
}

const DEFAULTS: DhtSize = { nodes: 10_000, lookups: 1_000 }

const dht: DhtScenario = {
  name: 'dht',
  title: 'DHT nodes that stay for an hour on average, and 5 % of all datagrams are lost',
  defaults: DEFAULTS,
  plan: size => ({ size, loss: 0.05, hostile: 0, sessionMs: HOUR_MS }),
  figures: result => figuresOf(result, 99.5),
}

const dhtHostile: DhtScenario = {
  name: 'dht-hostile',
  title: 'The same, and 20 % of the nodes are hostile: silent, selfish, liars and Sybils',
  defaults: DEFAULTS,
  plan: size => ({ size, loss: 0.05, hostile: 0.2, sessionMs: HOUR_MS }),
  figures: result => figuresOf(result, 97),
}

export const DHT_SCENARIOS: readonly DhtScenario[] = [dht, dhtHostile]

/** The lookups that ended. */
export function endedLookups({ lookups }: DhtResult): LookupOutcome[] {
  return lookups.flatMap(({ lookedUp }) => lookedUp ?? [])
}

/** @param leastFound percentage of the lookups that are to find what was announced */
function figuresOf(result: DhtResult, leastFound: number): Figure[] {
  const ended = endedLookups(result)
  const announced = result.lookups.flatMap(each => each.announced ?? [])
  const queries = ended.map(each => each.queries).sort((a, b) => a - b)
  const found = ended.filter(({ hasFound }) => hasFound).length
  const nodeSeconds = (result.plan.size.nodes * result.endedAt) / 1_000
  return [
    {
      name: 'lookups that find what was announced',
      value: (100 * found) / result.lookups.length,
      unit: '%',
      aim: { atLeast: leastFound },
    },
    { name: 'queries of a lookup, mean', value: mean(queries), unit: '', aim: { atMost: 25 } },
    {
      name: 'the same, 95th percentile',
      value: queries[Math.floor(0.95 * queries.length)] ?? Number.NaN,
      unit: '',
    },
    { name: 'time of a lookup, median', value: median(ended.map(({ tookMs }) => tookMs / 1_000)), unit: 's' },
    {
      name: 'of the 8 closest honest nodes, found',
      value: 100 * mean(ended.map(({ closestPart }) => closestPart)),
      unit: '%',
    },
    { name: 'nodes that store an announce', value: mean(announced.map(({ stored }) => stored)), unit: '' },
    { name: 'good nodes in a table', value: result.goodNodes, unit: '' },
    { name: 'datagrams that a node sends each second', value: result.datagrams.sent / nodeSeconds, unit: '' },
  ]
}
