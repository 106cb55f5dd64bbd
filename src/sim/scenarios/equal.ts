import { many, peer, seed, swarm } from './hosts.js'
import {
  copiesByTheSeed,
  efficiency,
  lastSeconds,
  leastSeconds,
  leechers,
  mean,
  messages,
  waste,
} from './measures.js'
import type { Scenario } from './scenario.js'

/** The swarm that theory speaks of: one seed and leechers that can all upload as much as it. */
export const equal: Scenario = {
  name: 'equal',
  title: 'One seed and equal peers: how near the last of them comes to the least time',
  defaults: { peers: 100, pieces: 400 },
  plan: size => swarm(size, [seed(), ...many(size.peers, () => peer())]),
  figures(result) {
    const all = leechers(result)
    return [
      { name: 'T*/T', value: efficiency(result), unit: '%', aim: { atLeast: 93 } },
      { name: 'the last has everything after', value: lastSeconds(all), unit: 's' },
      { name: 'the least possible', value: leastSeconds(result, all.length), unit: 's' },
      {
        name: 'the mean peer after',
        value: mean(all.map(host => host.durationMs ?? Number.NaN)) / 1_000,
        unit: 's',
      },
      { name: 'sent by the seed until one full copy', value: copiesByTheSeed(result), unit: 'F' },
      waste(result),
      messages(result),
    ]
  },
}
