import { many, peer, seed, swarm } from './hosts.js'
import {
  ALL,
  completedPercent,
  copiesByTheSeed,
  efficiency,
  lastSeconds,
  leechers,
  waste,
} from './measures.js'
import type { Scenario } from './scenario.js'

/** All peers join at the same moment. */
export const flashCrowd: Scenario = {
  name: 'flash-crowd',
  title: 'A thousand peers at once',
  defaults: { peers: 1_000, pieces: 100 },
  plan: size => swarm(size, [seed(), ...many(size.peers, () => peer())]),
  figures(result) {
    const all = leechers(result)
    return [
      { name: 'complete', value: completedPercent(all), unit: '%', aim: ALL },
      { name: 'the last peer completes after', value: lastSeconds(all), unit: 's' },
      { name: 'T*/T', value: efficiency(result), unit: '%' },
      { name: 'sent by the seed until one full copy', value: copiesByTheSeed(result), unit: 'F' },
      waste(result),
    ]
  },
}
