import { many, peer, seed, swarm } from './hosts.js'
import { copiesByTheSeed } from './measures.js'
import type { Scenario } from './scenario.js'

/** What a seed has to send before it could leave. */
export const firstCopy: Scenario = {
  name: 'first-copy',
  title: 'Bytes that the seed sends until a full copy is among the others',
  defaults: { peers: 100, pieces: 400 },
  plan: size => swarm(size, [seed(), ...many(size.peers, () => peer())]),
  figures: result => [
    {
      name: 'sent by the seed until one full copy',
      value: copiesByTheSeed(result),
      unit: 'F',
      aim: { atMost: 1.05 },
    },
  ],
}
