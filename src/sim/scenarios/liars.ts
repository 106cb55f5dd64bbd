import { many, peer, seed, swarm } from './hosts.js'
import { ALL, completedPercent, lastSeconds, leechers, waste } from './measures.js'
import type { Scenario } from './scenario.js'

/** Some peers send bad blocks among good ones. */
export const liars: Scenario = {
  name: 'liars',
  title: '10 % of the peers send bad data',
  defaults: { peers: 100, pieces: 400 },
  plan: size =>
    swarm(size, [
      seed(),
      ...many(size.peers, index => (index % 10 === 0 ? peer({ kind: 'liar', behaviour: 'liar' }) : peer())),
    ]),
  figures(result) {
    const all = leechers(result)
    const honest = all.filter(({ plan }) => plan.behaviour === 'honest')
    const lying = all.filter(({ plan }) => plan.behaviour === 'liar')
    const banned = lying.filter(({ bannedBy }) => bannedBy > 0)
    const wronged = result.hosts.filter(({ plan, bannedBy }) => plan.behaviour === 'honest' && bannedBy > 0)
    return [
      { name: 'complete, of the honest peers', value: completedPercent(honest), unit: '%', aim: ALL },
      waste(result, 3),
      { name: 'liars that were banned', value: (100 * banned.length) / lying.length, unit: '%', aim: ALL },
      { name: 'honest peers that were banned', value: wronged.length, unit: '', aim: { atMost: 0 } },
      {
        name: 'bad blocks',
        value: lying.reduce((sum, { badBlocksSent }) => sum + badBlocksSent, 0),
        unit: '',
      },
      { name: 'the last peer completes after', value: lastSeconds(honest), unit: 's' },
    ]
  },
}
