import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Random, SeededRandom } from '../../../src/base/random.js'
import { sampleIndices } from '../../../src/tracker/swarm-store/sample.js'

describe('a random sample of indices', () => {
  it('has as many different ones as asked for, or all', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(200), fc.nat(), (size, count, seed) => {
        const indices = [...sampleIndices(size, count, new SeededRandom(seed))]
        assert.equal(indices.length, Math.min(size, count))
        assert.equal(new Set(indices).size, indices.length)
        assert.ok(indices.every(index => index >= 0 && index < size))
      }),
    )
  })

  it('takes each as often as any other', () => {
    const random = new SeededRandom(7)
    const counts = new Array<number>(10).fill(0)
    for (let i = 0; i < 10_000; i++) {
      for (const index of sampleIndices(10, 3, random)) counts[index] = (counts[index] ?? 0) + 1
    }
    assert.ok(
      counts.every(count => Math.abs(count - 3000) < 250),
      counts.join(' '),
    )
  })

  it('draws no more numbers than it gives back, however large the pool', () => {
    let draws = 0
    const counting: Random = {
      below: limit => {
        draws++
        return Math.floor(limit / 3)
      },
    }
    sampleIndices(1_000_000_000, 50, counting)
    assert.equal(draws, 50)
  })
})
