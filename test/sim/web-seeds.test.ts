import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SeededRandom } from '../../src/base/random.js'
import { SCENARIOS } from '../../src/sim/scenarios/all-scenarios.js'
import { lastSeconds, leechers } from '../../src/sim/scenarios/measures.js'
import type { SwarmSize } from '../../src/sim/scenarios/scenario.js'
import type { SwarmPlan } from '../../src/sim/world/swarm-plan.js'
import type { SwarmResult } from '../../src/sim/world/swarm-result.js'
import { SwarmRun } from '../../src/sim/world/swarm-run.js'

const SEED = 11
const SIZE: SwarmSize = { peers: 20, pieces: 80, pieceLength: 262_144, pick: 'random', degree: 12 }

function planOf(name: string): SwarmPlan {
  return SCENARIOS.find(each => each.name === name)!.plan(SIZE, new SeededRandom(SEED))
}

function run(name: string, change: Partial<SwarmPlan> = {}): SwarmResult {
  return new SwarmRun({ ...planOf(name), ...change }, SEED).run()
}

test('a swarm without a seed completes from a web server, and its peers give each other most of it', () => {
  const result = run('web-seed')
  assert.ok(leechers(result).every(({ completedAt }) => completedAt !== undefined))
  const sent = result.webServers.reduce((sum, server) => sum + server.sent, 0)
  const content = SIZE.pieces * SIZE.pieceLength
  assert.ok(sent >= content && sent < (SIZE.peers / 2) * content, `${sent / content} copies`)
})

test('a web server that sends bad pieces is banned by every peer, and no peer is banned', () => {
  const result = run('web-seed-bad')
  assert.ok(leechers(result).every(({ completedAt }) => completedAt !== undefined))
  assert.equal(result.webServers[0]!.bannedBy, SIZE.peers)
  assert.ok(result.hosts.every(({ bannedBy }) => bannedBy === 0))
})

test('a web server that is slow, or never answers, delays the end of a download by less than 5 %', () => {
  const without = lastSeconds(leechers(run('web-seed-slow', { webServers: [] })))
  const slow = run('web-seed-slow')
  assert.ok(slow.webServers[0]!.sent > 0)
  const [plan] = planOf('web-seed-slow').webServers!
  const dead = run('web-seed-slow', { webServers: [{ ...plan!, answerMs: 1e9 }] })
  assert.equal(dead.webServers[0]!.sent, 0)
  for (const result of [slow, dead]) {
    const last = lastSeconds(leechers(result))
    assert.ok(last < 1.05 * without, `${last} s against ${without} s`)
  }
})
