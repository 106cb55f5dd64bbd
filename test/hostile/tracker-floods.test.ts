// One address that wants all of a tracker: its swarms, its connections, its time, its answers.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { TRACKER_LIMITS } from '../../src/tracker/limits.js'
import { ANNOUNCES, announceHonestly, assertAnnouncesServed } from './support/honest-announces.js'
import { ONE_HOST } from './support/hosts.js'
import { TrackerFlood } from './support/tracker-flood.js'
import { startTrackerVictim } from './support/victim.js'

const HAS_MANY_HOSTS = process.platform !== 'darwin'

describe('one address', () => {
  it('that announces 205,000 swarms gets its share of them', async () => {
    await using victim = await startTrackerVictim()
    await TrackerFlood.warmUp(victim)
    const { port } = victim
    await using flood = TrackerFlood.begin({
      port,
      host: ONE_HOST,
      connections: 20,
      pipelined: 50,
      swarms: 205_000,
      ports: 1,
    })
    await flood.until(({ refusals }) => refusals > 0)
    await assertAnnouncesServed(victim)
    // The honest announces are from the same address where the machine has only one.
    const honest = HAS_MANY_HOSTS ? ANNOUNCES : 0
    const taken = (await swarms(port)) - honest
    const { listings } = TRACKER_LIMITS.addresses.loopback
    assert.ok(taken <= listings && taken > 0.9 * listings, `${taken} swarms`)
    await victim.assertUnharmed()
  })

  it('that floods the tracker on 200 connections keeps no new client waiting', async () => {
    await using victim = await startTrackerVictim()
    await TrackerFlood.warmUp(victim)
    const { port } = victim
    await using flood = TrackerFlood.begin({
      port,
      host: ONE_HOST,
      connections: 200,
      pipelined: 1,
      swarms: 100,
      ports: 1000,
    })
    await flood.until(({ answers }) => answers > 2000)
    await assertAnnouncesServed(victim)
    await victim.assertUnharmed()
  })

  it('that sends many requests at once on 200 connections keeps no new client waiting', async () => {
    await using victim = await startTrackerVictim()
    await TrackerFlood.warmUp(victim)
    const { port } = victim
    await using flood = TrackerFlood.begin({
      port,
      host: ONE_HOST,
      connections: 200,
      pipelined: 300,
      swarms: 100,
      ports: 1000,
    })
    await flood.until(({ answers }) => answers > 2000)
    await assertAnnouncesServed(victim)
    await victim.assertUnharmed()
  })

  it('that opens 6,000 connections and sends nothing keeps no client out', async t => {
    const connections = Math.min(6000, openFiles() - 500)
    if (connections < 6000) t.diagnostic(`${connections} connections: this system allows no more open files`)
    await using victim = await startTrackerVictim()
    await TrackerFlood.warmUp(victim)
    await using flood = TrackerFlood.begin({
      port: victim.port,
      host: ONE_HOST,
      connections,
      pipelined: 0,
      swarms: 1,
      ports: 1,
    })
    await flood.until(({ connected }) => connected >= connections)
    await assertAnnouncesServed(victim)
    await victim.assertUnharmed()
  })

  it('that has 3,000 peers in a swarm has a quarter of an answer', {
    skip: !HAS_MANY_HOSTS && 'has one loopback address',
  }, async () => {
    await using victim = await startTrackerVictim()
    await TrackerFlood.warmUp(victim)
    const { port } = victim
    const swarm = 'flood000000000000000'
    const honest = Array.from({ length: 50 }, (_, i) => `127.0.1.${1 + i}`)
    for (const [i, from] of honest.entries())
      await announceHonestly({ port, from, swarm, peerPort: 5000 + i })
    await using flood = TrackerFlood.begin({
      port,
      host: ONE_HOST,
      connections: 10,
      pipelined: 10,
      swarms: 1,
      ports: 3000,
    })
    await flood.until(({ answers }) => answers > 3500)
    const { incomplete, peers } = await announceHonestly({ port, from: '127.0.2.1', swarm, peerPort: 6000 })
    assert.ok((incomplete ?? 0) > 3000, `${incomplete} peers`)
    assert.equal(peers.length, 50)
    const greedy = peers.filter(({ host }) => host === ONE_HOST).length
    assert.ok(greedy <= 50 * TRACKER_LIMITS.answerShare, `${greedy} of ${peers.length}`)
    await assertAnnouncesServed(victim)
    await victim.assertUnharmed()
  })
})

/** The number of swarms that the tracker has. */
async function swarms(port: number): Promise<number> {
  const stats = (await (await fetch(`http://127.0.0.1:${port}/stats.json`)).json()) as { swarms: number }
  return stats.swarms
}

/** The number of files and sockets that this process may have open. */
function openFiles(): number {
  try {
    const [, limit = '1024'] =
      /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return Number(limit)
  } catch {
    return 1024
  }
}
