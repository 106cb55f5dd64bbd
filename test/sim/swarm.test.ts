import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SeededRandom } from '../../src/base/random.js'
import { SCENARIOS } from '../../src/sim/scenarios/all-scenarios.js'
import { many, peer, seed, swarm } from '../../src/sim/scenarios/hosts.js'
import { lastSeconds, leechers } from '../../src/sim/scenarios/measures.js'
import type { SwarmSize } from '../../src/sim/scenarios/scenario.js'
import type { SwarmResult } from '../../src/sim/world/swarm-result.js'
import { SwarmRun } from '../../src/sim/world/swarm-run.js'

const SEED = 11
const SIZE: SwarmSize = { peers: 20, pieces: 40, pieceLength: 65_536, pick: 'random', degree: 10 }

function run(name: string, seedOfRun = SEED, size = SIZE, onLine?: (line: string) => void): SwarmResult {
  const scenario = SCENARIOS.find(each => each.name === name)!
  return new SwarmRun(scenario.plan(size, new SeededRandom(seedOfRun)), seedOfRun, onLine).run()
}

test('one peer completes from one seed in the time that the line takes', () => {
  const size = { ...SIZE, pieces: 100 }
  const result = new SwarmRun(swarm(size, [seed(), peer()]), SEED).run()
  // 100 pieces of 64 KiB at 256 KiB a second.
  const least = 25
  const last = lastSeconds(leechers(result))
  assert.ok(last >= least && last < least + 2, `${last} s`)
  assert.equal(result.bytes.sent, size.pieces * size.pieceLength)
})

describe('a seed of randomness determines a run', () => {
  test('the same seed gives the same run, event by event', () => {
    const lines: string[][] = [[], []]
    const [first, second] = lines.map(list => run('mishaps', SEED, SIZE, line => list.push(line)))
    assert.deepEqual(lines[0], lines[1])
    assert.ok(lines[0]!.length > 1_000)
    assert.equal(first!.digest, second!.digest)
    assert.equal(first!.events, second!.events)
  })

  test('another seed gives another run', () => {
    assert.notEqual(run('equal', SEED).digest, run('equal', SEED + 1).digest)
  })

  test('a trace changes nothing', () => {
    assert.equal(run('churn').digest, run('churn', SEED, SIZE, () => {}).digest)
  })
})

describe('every scenario in small', () => {
  for (const scenario of SCENARIOS) {
    for (const pick of scenario.name === 'equal' ? (['random', 'rarest'] as const) : (['random'] as const)) {
      test(`${scenario.name}, ${pick}`, () => {
        const result = run(scenario.name, SEED, { ...SIZE, pick })
        const figures = scenario.figures(result)
        assert.ok(figures.length > 0)
        const complete = figures.find(({ name }) => name.startsWith('complete'))
        // Without its seed a swarm of random peers may lack a piece; in all others every peer completes.
        if (scenario.name !== 'seed-leaves' && complete !== undefined) {
          assert.equal(complete.value, 100, `seed ${SEED}`)
        }
      })
    }
  }
})

describe('planned faults happen', () => {
  test('lost connections and full disks', () => {
    const { faults, bytes } = run('mishaps')
    assert.ok(faults.lostConnections > 0)
    assert.ok(faults.fullDisks > 0)
    assert.ok(bytes.lost > 0)
  })

  test('departures', () => {
    assert.ok(run('churn').faults.departures > 0)
  })

  test('bad blocks, for which no honest peer is banned', () => {
    const { hosts } = run('liars')
    const isLiar = (host: (typeof hosts)[number]) => host.plan.behaviour === 'liar'
    assert.ok(hosts.filter(isLiar).every(({ badBlocksSent }) => badBlocksSent > 0))
    assert.deepEqual(
      hosts.filter(host => !isLiar(host) && (host.badBlocksSent > 0 || host.bannedBy > 0)),
      [],
    )
  })

  test('free riders send nothing', () => {
    const riders = run('free-riders').hosts.filter(({ plan }) => plan.behaviour === 'free-rider')
    assert.ok(riders.length > 0)
    assert.ok(riders.every(({ sent, received }) => sent === 0 && received > 0))
  })
})

test('a swarm that lacks a piece after its seed has left ends', () => {
  const bytes = 20 * SIZE.pieceLength
  const plan = swarm(SIZE, [
    seed({ leaving: { type: 'after-sending', bytes } }),
    ...many(SIZE.peers, () => peer()),
  ])
  const result = new SwarmRun(plan, SEED).run()
  assert.ok(leechers(result).every(({ completedAt }) => completedAt === undefined))
  assert.ok(result.endedAt < plan.limitMs)
})
