import { contentBytes } from '../world/swarm-plan.js'
import type { SwarmResult } from '../world/swarm-result.js'
import type { WebServerPlan } from '../world/web-server-plan.js'
import { EQUAL_RATE, many, peer, seed, swarm } from './hosts.js'
import { ALL, completedPercent, efficiency, lastSeconds, leechers, waste } from './measures.js'
import type { Figure, Scenario } from './scenario.js'

const WEB_SERVER: WebServerPlan = { uploadRate: 4 * EQUAL_RATE, latencyMs: 25, answerMs: 200 }

/** Every 20th piece that the server sends is bad. */
const BAD_EVERY = 20

/** It takes half an hour to send the content of the scenario once. */
const SLOW: WebServerPlan = { uploadRate: EQUAL_RATE / 5, latencyMs: 100, answerMs: 5_000 }

/** Bytes from web servers, in sizes of the content. */
function sentByServers({ plan, webServers }: SwarmResult): Figure {
  const bytes = webServers.reduce((sum, { sent }) => sum + sent, 0)
  return { name: 'sent by web servers', value: bytes / contentBytes(plan), unit: 'F' }
}

const webSeed: Scenario = {
  name: 'web-seed',
  title: 'No seed, and a web server that has the content',
  defaults: { peers: 50, pieces: 200 },
  plan: size =>
    swarm(
      size,
      many(size.peers, () => peer()),
      { webServers: [WEB_SERVER] },
    ),
  figures(result) {
    const all = leechers(result)
    return [
      { name: 'complete', value: completedPercent(all), unit: '%', aim: ALL },
      { name: 'the last peer completes after', value: lastSeconds(all), unit: 's' },
      sentByServers(result),
      waste(result, 1),
    ]
  },
}

const badWebSeed: Scenario = {
  name: 'web-seed-bad',
  title: 'One seed, and a web server of which every 20th piece is bad',
  defaults: { peers: 50, pieces: 200 },
  plan: size =>
    swarm(size, [seed(), ...many(size.peers, () => peer())], {
      webServers: [{ ...WEB_SERVER, badEvery: BAD_EVERY }],
    }),
  figures(result) {
    const all = leechers(result)
    const banned = result.webServers.reduce((sum, { bannedBy }) => sum + bannedBy, 0)
    return [
      { name: 'complete', value: completedPercent(all), unit: '%', aim: ALL },
      { name: 'peers that banned the server', value: banned, unit: '' },
      {
        name: 'honest peers that were banned',
        value: result.hosts.filter(({ bannedBy }) => bannedBy > 0).length,
        unit: '',
        aim: { atMost: 0 },
      },
      waste(result, 3),
      { name: 'the last peer completes after', value: lastSeconds(all), unit: 's' },
    ]
  },
}

const slowWebSeed: Scenario = {
  name: 'web-seed-slow',
  title: 'One seed, equal peers, and a web server that is slow to answer and slow to send',
  defaults: { peers: 50, pieces: 200 },
  plan: size => swarm(size, [seed(), ...many(size.peers, () => peer())], { webServers: [SLOW] }),
  figures(result) {
    const all = leechers(result)
    return [
      { name: 'T*/T', value: efficiency(result), unit: '%' },
      { name: 'the last peer completes after', value: lastSeconds(all), unit: 's' },
      sentByServers(result),
      waste(result, 1),
    ]
  },
}

export const WEB_SEEDED: readonly Scenario[] = [webSeed, badWebSeed, slowWebSeed]
