import { contentBytes } from '../world/swarm-plan.js'
import { many, peer, seed, swarm } from './hosts.js'
import { ALL, completedPercent, copiesByTheSeed, leechers } from './measures.js'
import type { Scenario } from './scenario.js'

/** Copies that the seed sends before it leaves. */
const COPIES = 1.05

/** The seed leaves when it has sent hardly more than one copy. */
export const seedLeaves: Scenario = {
  name: 'seed-leaves',
  title: 'The seed leaves after 1.05 copies',
  defaults: { peers: 100, pieces: 400 },
  plan(size) {
    const bytes = COPIES * contentBytes({ pieceCount: size.pieces, pieceLength: size.pieceLength })
    return swarm(size, [
      seed({ leaving: { type: 'after-sending', bytes } }),
      ...many(size.peers, () => peer()),
    ])
  },
  figures(result) {
    const all = leechers(result)
    return [
      { name: 'complete', value: completedPercent(all), unit: '%', aim: ALL },
      { name: 'pieces that the best has', value: Math.max(...all.map(({ pieces }) => pieces)), unit: '' },
      { name: 'sent by the seed until one full copy', value: copiesByTheSeed(result), unit: 'F' },
    ]
  },
}
