import type { HostRecord } from '../world/host-record.js'
import { many, peer, seed, swarm } from './hosts.js'
import { ALL, completedPercent, leechers, median } from './measures.js'
import type { Scenario } from './scenario.js'

/** Of ten peers. */
const RIDERS = 3

/** Some take and never give: they are to wait for those who give. */
export const freeRiders: Scenario = {
  name: 'free-riders',
  title: '30 % of the peers never upload: how long they wait, against those who do',
  defaults: { peers: 100, pieces: 400 },
  plan: size =>
    swarm(size, [
      seed(),
      ...many(size.peers, index =>
        index % 10 < RIDERS
          ? peer({ kind: 'free rider', behaviour: 'free-rider' })
          : peer({ kind: 'sharer' }),
      ),
    ]),
  figures(result) {
    const all = leechers(result)
    const riders = all.filter(({ plan }) => plan.behaviour === 'free-rider')
    const sharers = all.filter(({ plan }) => plan.behaviour === 'honest')
    // Capacity is scarce when the first pieces are everywhere, before which all wait for the seed, and until sharers have everything.
    const rates = (hosts: readonly HostRecord[]) =>
      median(hosts.map(({ piecesAtQuarters: [first = 0, , third = 0] }) => third - first))
    return [
      {
        name: 'pieces of a sharer for each of a free rider, while the first goes from a quarter to three',
        value: rates(sharers) / rates(riders),
        unit: '×',
        aim: { atLeast: 2 },
      },
      {
        name: 'time of free riders against that of sharers',
        value: medianTime(riders) / medianTime(sharers),
        unit: '×',
      },
      { name: 'sharers after, in the middle', value: medianTime(sharers), unit: 's' },
      { name: 'free riders after, in the middle', value: medianTime(riders), unit: 's' },
      { name: 'complete', value: completedPercent(all), unit: '%', aim: ALL },
    ]
  },
}

function medianTime(hosts: readonly HostRecord[]): number {
  return median(hosts.map(({ durationMs = Number.NaN }) => durationMs)) / 1_000
}
