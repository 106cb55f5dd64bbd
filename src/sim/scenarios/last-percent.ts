import type { HostRecord } from '../world/host-record.js'
import { many, peer, seed, swarm } from './hosts.js'
import { leechers, mean, waste } from './measures.js'
import type { Scenario } from './scenario.js'

/** The end of a download, in which only few blocks are left to ask for. */
export const lastPercent: Scenario = {
  name: 'last-percent',
  title: 'The way from 99 % to 100 %',
  defaults: { peers: 100, pieces: 400 },
  plan: size => swarm(size, [seed(), ...many(size.peers, () => peer())]),
  figures(result) {
    const parts = leechers(result).map(lastPart)
    return [
      { name: 'time from 99 % to 100 %, of the whole', value: mean(parts), unit: '%', aim: { atMost: 3 } },
      { name: 'the same of the peer that waits longest', value: Math.max(...parts), unit: '%' },
      waste(result, 0.5),
    ]
  },
}

function lastPart({
  completedAt = Number.NaN,
  nearlyCompleteAt = Number.NaN,
  durationMs = Number.NaN,
}: HostRecord) {
  return (100 * (completedAt - nearlyCompleteAt)) / durationMs
}
