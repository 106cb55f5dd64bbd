import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { BoundedMap, BoundedSet } from '../../src/base/bounded-map.js'

describe('a bounded map', () => {
  it('drops the key that was set longest ago', () => {
    const map = new BoundedMap<string, number>(2).set('a', 1).set('b', 2).set('c', 3)
    assert.deepEqual(
      [...map],
      [
        ['b', 2],
        ['c', 3],
      ],
    )
  })

  it('drops nothing for a key that it has, and makes it the newest', () => {
    const map = new BoundedMap<string, number>(2).set('a', 1).set('b', 2).set('a', 3)
    assert.deepEqual(
      [...map],
      [
        ['b', 2],
        ['a', 3],
      ],
    )
    assert.deepEqual([...map.set('c', 4).keys()], ['a', 'c'])
  })

  it('has room again for a key that was deleted', () => {
    const map = new BoundedMap<string, number>(2).set('a', 1).set('b', 2)
    map.delete('b')
    assert.deepEqual([...map.set('c', 3).keys()], ['a', 'c'])
  })

  it('keeps a key that is undefined like any other', () => {
    const map = new BoundedMap<string | undefined, number>(2).set(undefined, 1).set('a', 2).set('b', 3)
    assert.deepEqual([...map.keys()], ['a', 'b'])
  })

  it('of a limit of 0 is empty', () => {
    assert.equal(new BoundedMap<string, number>(0).set('a', 1).size, 0)
  })
})

describe('a bounded set', () => {
  it('drops the value that was added longest ago', () => {
    assert.deepEqual([...new BoundedSet<string>(2).add('a').add('b').add('a').add('c')], ['a', 'c'])
  })

  it('has the values that came last, each once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5 }), fc.array(fc.nat(9)), (limit, values) => {
        const set = new BoundedSet<number>(limit)
        for (const value of values) set.add(value)
        const newestFirst = [...new Set(values.toReversed())].slice(0, limit)
        assert.deepEqual([...set], newestFirst.reverse())
      }),
    )
  })
})
