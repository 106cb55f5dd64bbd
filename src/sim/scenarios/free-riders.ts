import type { HostRecord } from '../world/host-record.js'
import { many, peer, seed, swarm } from './hosts.js'
import { ALL, completedPercent, leechers, median } from './measures.js'
import type { Scenario } from './scenario.js'

/** Of ten peers. */
const RIDERS = 3

/** Some peers download and never upload: they have to wait for those that do. */
export const freeRiders: Scenario = {
  name: 'free-riders',
  title: '30 % of the peers never upload: how long they take, against those that do',
  defaults: { peers: 100, pieces: 400 },
  plan: size =>
    swarm(size, [
      seed(),
      ...many(size.peers, index =>
        index % 10 < RIDERS
          ? peer({ kind: 'free-rider', behaviour: 'free-rider' })
          : peer({ kind: 'contributor' }),
      ),
    ]),
  figures(result) {
    const all = leechers(result)
    const riders = all.filter(({ plan }) => plan.behaviour === 'free-rider')
    const contributors = all.filter(({ plan }) => plan.behaviour === 'honest')
    // Capacity is scarce while the first peer goes from a quarter of the pieces to three quarters: before that all wait
    // for the seed, and after it contributors begin to complete.
    const rates = (hosts: readonly HostRecord[]) =>
      median(hosts.map(({ piecesAtQuarters: [first = 0, , third = 0] }) => third - first))
    return [
      {
        name: 'pieces a contributor gets for each piece a free-rider gets, while capacity is scarce',
        value: rates(contributors) / rates(riders),
        unit: '×',
        aim: { atLeast: 2 },
      },
      {
        name: 'time of free-riders against that of contributors',
        value: medianTime(riders) / medianTime(contributors),
        unit: '×',
      },
      { name: 'contributors complete after, median', value: medianTime(contributors), unit: 's' },
      { name: 'free-riders complete after, median', value: medianTime(riders), unit: 's' },
      { name: 'complete', value: completedPercent(all), unit: '%', aim: ALL },
    ]
  },
}

function medianTime(hosts: readonly HostRecord[]): number {
  return median(hosts.map(({ durationMs = Number.NaN }) => durationMs)) / 1_000
}
