import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Bitfield } from '../../../src/base/bitfield.js'
import { SeededRandom } from '../../../src/base/random.js'
import { PickablePieces } from '../../../src/engine/pick/pickable-pieces.js'
import { beginningOfRun } from '../../../src/engine/pick/runs.js'
import { WantedPieces } from '../../../src/engine/pick/wanted-pieces.js'

const PIECES = 100

function setUp(have: readonly number[] = []) {
  const pickable = new PickablePieces(new WantedPieces(new Bitfield(PIECES)), 'random', new SeededRandom(3))
  for (let piece = 0; piece < PIECES; piece++) if (!have.includes(piece)) pickable.add(piece)
  return { pickable, taker: { pieces: Bitfield.full(PIECES), mayAskFor: () => true } }
}

test('runs begin anywhere where they are long enough', () => {
  const { pickable, taker } = setUp()
  const first = Array.from({ length: 50 }, () => beginningOfRun(pickable, taker, 4))
  assert.ok(new Set(first).size > 20)
})

test('a run begins where the gap does, where there is no room for it otherwise', () => {
  // Gaps of one piece, and one of ten.
  const odd = Array.from({ length: PIECES / 2 }, (_, i) => 2 * i + 1)
  const { pickable, taker } = setUp(odd.filter(piece => piece < 50 || piece > 60))
  const firsts = Array.from({ length: 20 }, () => beginningOfRun(pickable, taker, 20))
  assert.ok(firsts.filter(piece => piece === 50).length >= 10, firsts.join(' '))
})

test('a run has pieces of one priority, which the source has and may be asked for', () => {
  const { pickable } = setUp()
  for (let piece = 20; piece < 25; piece++) pickable.setPriority(piece, 7)
  const pieces = Bitfield.full(PIECES)
  pieces.delete(22)
  const first = beginningOfRun(pickable, { pieces, mayAskFor: piece => piece !== 20 }, 10)
  assert.ok(first === 21 || first === 23, `${first}`)
})

test('there is no run where nothing is to be begun', () => {
  const { pickable, taker } = setUp(Array.from({ length: PIECES }, (_, i) => i))
  assert.equal(beginningOfRun(pickable, taker, 4), undefined)
})
