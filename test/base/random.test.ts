import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SeededRandom, shuffle } from '../../src/base/random.js'

test('the same seed gives the same numbers, another seed others', () => {
  const numbers = (seed: number) => {
    const random = new SeededRandom(seed)
    return Array.from({ length: 20 }, () => random.below(1_000_000))
  }
  assert.deepEqual(numbers(7), numbers(7))
  assert.notDeepEqual(numbers(7), numbers(8))
})

test('numbers are whole and below the limit', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 2 ** 31 }), (seed, limit) => {
      const number = new SeededRandom(seed).below(limit)
      return Number.isInteger(number) && number >= 0 && number < limit
    }),
  )
})

test('every number is about as likely as any other', () => {
  const counts = new Array<number>(10).fill(0)
  const random = new SeededRandom(1)
  for (let i = 0; i < 100_000; i++) {
    const number = random.below(10)
    counts[number] = (counts[number] ?? 0) + 1
  }
  // Six standard deviations from 10,000.
  for (const count of counts) assert.ok(Math.abs(count - 10_000) < 600, `${counts}`)
})

test('shuffling keeps all items, and every order comes up', () => {
  const random = new SeededRandom(3)
  const orders = new Set<string>()
  for (let i = 0; i < 1_000; i++) orders.add(shuffle(['a', 'b', 'c', 'd'], random).join(''))
  assert.equal(orders.size, 24)
})
