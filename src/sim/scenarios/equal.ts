import type { HostRecord } from '../world/host-record.js'
import type { SwarmResult } from '../world/swarm-result.js'
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

/** Copies that the seed may send until the others have a full copy. */
const MAX_COPIES = 1.2
const MAX_COPIES_SUPER = 1.05

/** The swarm of the theory: one seed, and leechers that can all upload as much as it. */
export const equal: Scenario = {
  name: 'equal',
  title: 'One seed and equal peers: how near the last of them comes to the least time',
  defaults: { peers: 100, pieces: 400 },
  plan: size => swarm(size, [seed(), ...many(size.peers, () => peer())]),
  figures(result) {
    const all = leechers(result)
    const lastParts = all.map(lastPart)
    const atMost = isSuperSeeded(result) ? MAX_COPIES_SUPER : MAX_COPIES
    return [
      { name: 'T*/T', value: efficiency(result), unit: '%', aim: { atLeast: 93 } },
      { name: 'the last peer completes after', value: lastSeconds(all), unit: 's' },
      { name: 'the least possible', value: leastSeconds(result, all.length), unit: 's' },
      {
        name: 'the mean peer after',
        value: mean(all.map(host => host.durationMs ?? Number.NaN)) / 1_000,
        unit: 's',
      },
      {
        name: 'sent by the seed until one full copy',
        value: copiesByTheSeed(result),
        unit: 'F',
        aim: { atMost },
      },
      {
        name: 'time from 99 % to 100 %, of the whole',
        value: mean(lastParts),
        unit: '%',
        aim: { atMost: 3 },
      },
      { name: 'the same of the peer that waits longest', value: Math.max(...lastParts), unit: '%' },
      waste(result, 0.5),
      messages(result),
    ]
  },
}

function isSuperSeeded({ plan }: SwarmResult): boolean {
  return plan.hosts.some(({ isSeed, upload }) => isSeed && upload?.superSeed === true)
}

function lastPart({
  completedAt = Number.NaN,
  nearlyCompleteAt = Number.NaN,
  durationMs = Number.NaN,
}: HostRecord): number {
  return (100 * (completedAt - nearlyCompleteAt)) / durationMs
}
