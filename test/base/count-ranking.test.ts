import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { CountRanking } from '../../src/base/count-ranking.js'

it('a ranking of counts knows what counting and sorting would know', () => {
  const step = fc.record({ key: fc.integer({ min: 1, max: 6 }), up: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), steps => {
      const ranking = new CountRanking<number>()
      const model = new Map<number, number>()
      for (const { key, up } of steps) {
        if (up) ranking.increase(key)
        else ranking.decrease(key)
        model.set(key, Math.max(0, (model.get(key) ?? 0) + (up ? 1 : -1)))
        const highest = Math.max(0, ...model.values())
        assert.equal(ranking.highest, highest)
        assert.equal(ranking.count(key), model.get(key))
        const { first } = ranking
        if (highest === 0) assert.equal(first, undefined)
        else assert.equal(first === undefined ? 0 : model.get(first), highest)
      }
    }),
  )
})
