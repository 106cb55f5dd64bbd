import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Bitfield } from '../../../src/base/bitfield.js'
import { SeededRandom } from '../../../src/base/random.js'
import { Availability } from '../../../src/engine/pick/availability.js'
import { makeStrategy, type PickOrder } from '../../../src/engine/pick/make-strategy.js'
import { MAX_PROBES } from '../../../src/engine/pick/strategy.js'

const ORDERS: PickOrder[] = ['random', 'rarest', 'random-then-rarest', 'sequential']
const any = () => true

function offer(length: number, pieces: Iterable<number>): Bitfield {
  const field = new Bitfield(length)
  for (const piece of pieces) field.add(piece)
  return field
}

for (const order of ORDERS) {
  test(`${order}: a picked piece is pickable, offered and accepted, and there is one whenever such a piece exists`, () => {
    const length = 200
    const step = fc.record({
      do: fc.constantFrom('add', 'remove', 'more', 'fewer', 'peer', 'pick'),
      piece: fc.nat({ max: length - 1 }),
      offered: fc.uniqueArray(fc.nat({ max: length - 1 }), { maxLength: 20 }),
      isRefused: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.integer(), fc.array(step, { maxLength: 300 }), (seed, steps) => {
        const availability = new Availability(length)
        const strategy = makeStrategy(order, length, availability, new SeededRandom(seed))
        const pickable = new Set<number>()
        for (const { do: what, piece, offered, isRefused } of steps) {
          if (what === 'add') {
            strategy.add(piece)
            pickable.add(piece)
          } else if (what === 'remove') {
            strategy.remove(piece)
            pickable.delete(piece)
          } else if (what === 'more') {
            availability.change(piece, 1)
            strategy.availabilityChanged?.(piece)
          } else if (what === 'fewer' && availability.of(piece) > 0) {
            availability.change(piece, -1)
            strategy.availabilityChanged?.(piece)
          } else if (what === 'peer') {
            availability.changeAll(offer(length, offered), 1)
            strategy.availabilitiesChanged?.(offer(length, offered))
          } else if (what === 'pick') {
            const accepts = (each: number) => !isRefused || each % 2 === 0
            const possible = offered.filter(one => pickable.has(one) && accepts(one))
            const picked = strategy.pick(offer(length, offered), accepts)
            if (possible.length === 0) assert.equal(picked, undefined)
            else assert.ok(picked !== undefined && possible.includes(picked))
            if (order === 'sequential' && possible.length > 0) assert.equal(picked, Math.min(...possible))
          }
          assert.equal(strategy.size, pickable.size)
          assert.equal(strategy.has(piece), pickable.has(piece))
        }
        if (order === 'rarest' && pickable.size > 0) {
          const picked = strategy.pick(Bitfield.full(length), any)
          const rarest = Math.min(...[...pickable].map(each => availability.of(each)))
          assert.equal(availability.of(picked!), rarest)
        }
      }),
    )
  })

  test(`${order}: a pick among two million pieces looks at no more than a few of them`, () => {
    const length = 2_000_000
    const strategy = makeStrategy(order, length, new Availability(length), new SeededRandom(7))
    for (let piece = 0; piece < length; piece++) strategy.add(piece)
    let looks = 0
    const count = () => {
      looks++
      return true
    }
    const everything = Bitfield.full(length)
    for (let pick = 0; pick < 1_000; pick++) {
      const piece = strategy.pick(everything, count)
      strategy.remove(piece!)
    }
    assert.ok(looks <= 1_000 * MAX_PROBES, `${looks} looks`)
    // The worst case: one piece on offer, somewhere.
    assert.equal(strategy.pick(offer(length, [1_999_999]), any), 1_999_999)
  })
}

test('random: each pickable piece has the same chance', () => {
  const strategy = makeStrategy('random', 10, new Availability(10), new SeededRandom(3))
  for (let piece = 0; piece < 10; piece++) strategy.add(piece)
  const counts = new Array<number>(10).fill(0)
  for (let pick = 0; pick < 10_000; pick++) counts[strategy.pick(Bitfield.full(10), any)!]!++
  for (const count of counts) assert.ok(count > 850 && count < 1_150, `${counts}`)
})

test('random: each piece of a peer that has few has the same chance', () => {
  const strategy = makeStrategy('random', 2_000, new Availability(2_000), new SeededRandom(3))
  for (let piece = 0; piece < 2_000; piece++) strategy.add(piece)
  // A search from a random place would nearly always end at 1,999.
  const few = offer(2_000, [3, 4, 5, 1_999])
  const counts = new Map<number | undefined, number>()
  for (let pick = 0; pick < 4_000; pick++) {
    const piece = strategy.pick(few, any)
    counts.set(piece, (counts.get(piece) ?? 0) + 1)
  }
  for (const piece of few) assert.ok(Math.abs((counts.get(piece) ?? 0) - 1_000) < 150, `${[...counts]}`)
})

test('rarest: pieces of equal availability come in random order', () => {
  const firsts = new Set<number>()
  for (let seed = 0; seed < 100; seed++) {
    const availability = new Availability(10)
    const strategy = makeStrategy('rarest', 10, availability, new SeededRandom(seed))
    for (let piece = 0; piece < 10; piece++) strategy.add(piece)
    availability.change(4, 1)
    strategy.availabilityChanged?.(4)
    firsts.add(strategy.pick(Bitfield.full(10), any)!)
  }
  assert.equal(firsts.has(4), false)
  assert.equal(firsts.size, 9)
})
