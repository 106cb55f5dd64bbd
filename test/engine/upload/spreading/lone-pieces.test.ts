import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SeededRandom } from '../../../../src/base/random.js'
import { Availability } from '../../../../src/engine/pick/availability.js'
import { LonePieces } from '../../../../src/engine/upload/spreading/lone-pieces.js'

const COUNT = 10

function all(lone: LonePieces): number[] {
  const taken: number[] = []
  for (let piece = lone.take(); piece !== undefined; piece = lone.take()) taken.push(piece)
  return taken
}

const ascending = (a: number, b: number) => a - b

test('each piece is taken once, in cyclic order', () => {
  const taken = all(new LonePieces(COUNT, new Availability(COUNT), new SeededRandom(3)))
  const [first = 0] = taken
  assert.deepEqual(
    taken,
    Array.from({ length: COUNT }, (_, i) => (first + i) % COUNT),
  )
})

test('a piece that a peer has is not taken until all that had it are gone', () => {
  const copies = new Availability(COUNT)
  const lone = new LonePieces(COUNT, copies, new SeededRandom(1))
  for (const piece of [2, 2, 5]) copies.change(piece, 1)
  assert.deepEqual(all(lone).sort(ascending), [0, 1, 3, 4, 6, 7, 8, 9])
  for (const piece of [2, 5]) copies.change(piece, -1)
  lone.onPeerWent()
  assert.deepEqual(all(lone), [5])
  copies.change(2, -1)
  lone.onLost(2)
  assert.deepEqual(all(lone), [2])
})

test('a piece that is given back is taken again, unless a peer has it by then', () => {
  const copies = new Availability(COUNT)
  const lone = new LonePieces(COUNT, copies, new SeededRandom(1))
  all(lone)
  copies.change(4, 1)
  lone.giveBack(4)
  assert.equal(lone.take(), undefined)
  lone.giveBack(7)
  assert.deepEqual(all(lone), [7])
})

test('`takeAgain` goes through the given pieces, and leaves out safe ones', () => {
  const copies = new Availability(3)
  const lone = new LonePieces(3, copies, new SeededRandom(1))
  const given = all(lone)
  for (let i = 0; i < 2; i++) copies.change(given[0]!, 1)
  const again = Array.from({ length: 4 }, () => lone.takeAgain(() => true))
  assert.deepEqual(again, [given[1], given[2], given[1], given[2]])
  assert.equal(
    lone.takeAgain(() => false),
    undefined,
  )
  // It was given three times by now.
  for (let i = 0; i < 2; i++) lone.giveBack(given[1]!)
  assert.equal(lone.take(), undefined)
  lone.giveBack(given[1]!)
  assert.equal(lone.take(), given[1])
})

test('all are out when each piece is at some peer, and the given ones are safe', () => {
  const copies = new Availability(2)
  const lone = new LonePieces(2, copies, new SeededRandom(1))
  copies.change(0, 1)
  assert.equal(lone.take(), 1)
  assert.equal(lone.take(), undefined)
  assert.ok(!lone.areOut)
  for (let i = 0; i < 2; i++) copies.change(1, 1)
  lone.giveBack(1)
  assert.ok(lone.areOut)
})
