import { FAST_DISK } from '../world/disk.js'
import { contentBytes } from '../world/swarm-plan.js'
import { EQUAL_RATE, many, peer, seed, swarm } from './hosts.js'
import { ALL, completedPercent, lastSeconds, leechers, waste } from './measures.js'
import type { Scenario } from './scenario.js'

/** A host loses a connection every three minutes. */
const LOSSES_PER_HOUR = 20

/** Faults of machines: connections break, disks are slow, and some are full. */
export const mishaps: Scenario = {
  name: 'mishaps',
  title: 'Connections are lost, 10 % of the disks are slow, 5 % are full',
  defaults: { peers: 100, pieces: 400 },
  plan(size, random) {
    const bytes = contentBytes({ pieceCount: size.pieces, pieceLength: size.pieceLength })
    const hosts = many(size.peers, index => {
      // It reads and writes half as fast as its line.
      if (index % 10 === 0)
        return peer({ kind: 'slow disk', disk: { ...FAST_DISK, bytesPerSecond: EQUAL_RATE } })
      if (index % 20 === 1)
        return peer({ kind: 'full disk', disk: { ...FAST_DISK, capacityBytes: random.below(bytes) } })
      return peer()
    })
    return swarm(size, [seed(), ...hosts], { lossesPerHour: LOSSES_PER_HOUR })
  },
  figures(result) {
    const all = leechers(result)
    const { lostConnections, fullDisks } = result.faults
    return [
      { name: 'complete, of those whose disk has room', value: completedPercent(all), unit: '%', aim: ALL },
      { name: 'connections lost', value: lostConnections, unit: '' },
      { name: 'full disks', value: fullDisks, unit: '' },
      {
        name: 'the last peer completes after',
        value: lastSeconds(all.filter(({ plan }) => plan.kind !== 'full disk')),
        unit: 's',
      },
      waste(result),
    ]
  },
}
