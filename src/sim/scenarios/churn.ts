import { EQUAL_RATE, many, peer, seed, swarm } from './hosts.js'
import { ALL, completedPercent, lastSeconds, leechers, waste } from './measures.js'
import type { Scenario } from './scenario.js'

/** Of ten peers. */
const LEAVERS = 2

/** Peers join one after the other, and some leave whether they are complete or not. */
export const churn: Scenario = {
  name: 'churn',
  title: '20 % of the peers leave at any time',
  defaults: { peers: 100, pieces: 400 },
  plan(size, random) {
    const leastMs = (1_000 * size.pieces * size.pieceLength) / EQUAL_RATE
    const hosts = many(size.peers, index => {
      const joinMs = random.below(leastMs / 4)
      if (index % 10 >= LEAVERS) return peer({ joinMs })
      return peer({ kind: 'leaver', joinMs, leaving: { type: 'at', ms: joinMs + random.below(leastMs) } })
    })
    return swarm(size, [seed(), ...hosts])
  },
  figures(result) {
    const all = leechers(result)
    const left = all.filter(({ leftAt }) => leftAt !== undefined)
    return [
      { name: 'complete, of those that stayed', value: completedPercent(all), unit: '%', aim: ALL },
      { name: 'left', value: left.length, unit: '' },
      {
        name: 'the last peer completes after',
        value: lastSeconds(all.filter(({ leftAt }) => leftAt === undefined)),
        unit: 's',
      },
      waste(result),
    ]
  },
}
