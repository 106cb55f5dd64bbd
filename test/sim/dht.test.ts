import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { DhtSize } from '../../src/sim/dht/dht-plan.js'
import type { DhtResult } from '../../src/sim/dht/dht-result.js'
import { DhtRun } from '../../src/sim/dht/dht-run.js'
import { DHT_SCENARIOS } from '../../src/sim/dht/dht-scenarios.js'
import { isReached } from '../../src/sim/scenarios/scenario.js'

const SEED = 1
const SMALL: DhtSize = { nodes: 40, lookups: 10 }

function scenarioOf(name: string) {
  return DHT_SCENARIOS.find(each => each.name === name)!
}

function run(name: string, size: DhtSize, seed = SEED, onLine?: (line: string) => void): DhtResult {
  return new DhtRun(scenarioOf(name).plan(size), seed, onLine).run()
}

describe('a DHT of 200 nodes', () => {
  for (const { name } of DHT_SCENARIOS) {
    test(`${name}: every figure reaches its aim`, () => {
      const result = run(name, { nodes: 200, lookups: 60 })
      const missed = scenarioOf(name)
        .figures(result)
        .filter(figure => isReached(figure) === false)
      assert.deepEqual(missed, [], `seed ${SEED}`)
      assert.equal(result.lookups.length, 60)
      assert.ok(result.datagrams.lost > 0)
      assert.ok(result.left > 0)
      assert.equal(result.hostileAnswers > 0, name === 'dht-hostile')
    })
  }
})

describe('a seed determines a run', () => {
  test('the same seed gives the same run, traced or not', () => {
    const lines: string[] = []
    const first = run('dht-hostile', SMALL, SEED, line => lines.push(line))
    const second = run('dht-hostile', SMALL)
    assert.equal(first.digest, second.digest)
    assert.equal(first.events, second.events)
    assert.ok(lines.length > SMALL.nodes)
  })

  test('another seed gives another run', () => {
    assert.notEqual(run('dht', SMALL, SEED).digest, run('dht', SMALL, SEED + 1).digest)
  })
})
