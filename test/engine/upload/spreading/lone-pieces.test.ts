import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SeededRandom } from '../../../../src/base/random.js'
import { LonePieces } from '../../../../src/engine/upload/spreading/lone-pieces.js'

const COUNT = 10

function all(lone: LonePieces): number[] {
  const taken: number[] = []
  for (let piece = lone.take(); piece !== undefined; piece = lone.take()) taken.push(piece)
  return taken
}

const ascending = (a: number, b: number) => a - b

test('each piece is taken once, in order round the end', () => {
  const taken = all(new LonePieces(COUNT, new SeededRandom(3)))
  const [first = 0] = taken
  assert.deepEqual(
    taken,
    Array.from({ length: COUNT }, (_, i) => (first + i) % COUNT),
  )
})

test('what somebody has is not taken, before all who had it are gone', () => {
  const lone = new LonePieces(COUNT, new SeededRandom(1))
  for (const piece of [2, 2, 5]) lone.add(piece)
  assert.equal(lone.count, COUNT - 1, 'one that has it may leave')
  assert.deepEqual(all(lone).sort(ascending), [0, 1, 3, 4, 6, 7, 8, 9])
  lone.remove(2)
  lone.remove(5)
  assert.deepEqual(all(lone), [5])
  lone.remove(2)
  assert.deepEqual(all(lone), [2])
  assert.equal(lone.count, COUNT)
})

test('what is given back is taken anew, but not what somebody has by then', () => {
  const lone = new LonePieces(COUNT, new SeededRandom(1))
  all(lone)
  lone.add(4)
  lone.giveBack(4)
  assert.equal(lone.take(), undefined)
  lone.giveBack(7)
  assert.deepEqual(all(lone), [7])
})

test('a second chance goes through what was given, and leaves out what two have', () => {
  const lone = new LonePieces(3, new SeededRandom(1))
  const given = all(lone)
  lone.add(given[0]!)
  lone.add(given[0]!)
  const again = Array.from({ length: 4 }, () => lone.takeAgain(() => true))
  assert.deepEqual(again, [given[1], given[2], given[1], given[2]])
  assert.equal(
    lone.takeAgain(() => false),
    undefined,
  )
  // It was given three times by now.
  lone.giveBack(given[1]!)
  lone.giveBack(given[1]!)
  assert.equal(lone.take(), undefined)
  lone.giveBack(given[1]!)
  assert.equal(lone.take(), given[1])
})
