import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Bitfield } from '../../../src/base/bitfield.js'
import { SeededRandom } from '../../../src/base/random.js'
import type { PickOrder } from '../../../src/engine/pick/make-strategy.js'
import { PickablePieces, type PieceHolder } from '../../../src/engine/pick/pickable-pieces.js'
import { WantedPieces } from '../../../src/engine/pick/wanted-pieces.js'

const LENGTH = 100
const any = () => true

function all(order: PickOrder = 'random', seed = 1): PickablePieces {
  const pickable = new PickablePieces(new WantedPieces(new Bitfield(LENGTH)), order, new SeededRandom(seed))
  for (let piece = 0; piece < LENGTH; piece++) pickable.add(piece)
  return pickable
}

function take(pickable: PickablePieces, offered = Bitfield.full(LENGTH)): number | undefined {
  const piece = pickable.pick(offered, any)
  if (piece !== undefined) pickable.remove(piece)
  return piece
}

/** A peer that has these pieces. */
function holder(pieces: Bitfield): PieceHolder {
  return { pieces, countedAs: 'leecher' }
}

function some(...pieces: number[]): Bitfield {
  const field = new Bitfield(LENGTH)
  for (const piece of pieces) field.add(piece)
  return field
}

for (const order of ['random', 'rarest', 'random-then-rarest', 'sequential'] as const) {
  test(`${order}: pieces of higher priority come first, and those of priority 0 never`, () => {
    const pickable = all(order)
    for (const [piece, priority] of [
      [70, 7],
      [71, 7],
      [10, 1],
      [11, 0],
      [40, 5],
    ] as const)
      pickable.setPriority(piece, priority)
    const taken = Array.from({ length: LENGTH }, () => take(pickable))
    assert.deepEqual(taken.slice(0, 2).sort(), [70, 71])
    assert.equal(taken[2], 40)
    assert.deepEqual(taken.slice(-2), [10, undefined])
    assert.ok(!taken.includes(11))
  })
}

test('a piece that is pickable again is pickable once it is added', () => {
  const pickable = new PickablePieces(new WantedPieces(new Bitfield(3)), 'random', new SeededRandom(1))
  for (const piece of [0, 1, 2]) pickable.add(piece)
  pickable.setPriority(1, 0)
  assert.equal(pickable.has(1), false)
  pickable.setPriority(1, 4)
  assert.equal(pickable.has(1), false)
  pickable.add(1)
  assert.equal(pickable.has(1), true)
})

test('availability: seeds and others together, as they come, get pieces, lose some and go', () => {
  const pickable = new PickablePieces(new WantedPieces(new Bitfield(LENGTH)), 'rarest', new SeededRandom(1))
  const step = fc.record({
    do: fc.constantFrom('came', 'went', 'got', 'lost'),
    peer: fc.nat({ max: 4 }),
    piece: fc.nat({ max: LENGTH - 1 }),
    isNearlySeed: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), steps => {
      const peers = new Map<number, PieceHolder>()
      for (const { do: what, peer, piece, isNearlySeed } of steps) {
        const known = peers.get(peer)
        if (what === 'came' && known === undefined) {
          const newcomer = holder(isNearlySeed ? Bitfield.full(LENGTH) : some(piece))
          peers.set(peer, newcomer)
          pickable.peerCame(newcomer)
        } else if (what === 'went' && known !== undefined) {
          peers.delete(peer)
          pickable.peerWent(known)
        } else if (what === 'got' && known?.pieces.add(piece)) {
          pickable.peerGot(known, piece)
        } else if (what === 'lost' && known?.pieces.delete(piece)) {
          pickable.peerLost(known, piece)
        }
        for (let one = 0; one < LENGTH; one++) {
          const holders = [...peers.values()].filter(({ pieces }) => pieces.has(one)).length
          assert.equal(pickable.availability.of(one), holders)
        }
      }
      for (const peer of peers.values()) pickable.peerWent(peer)
    }),
  )
})

test('availability: a seed that loses and gets a piece again and again costs a walk through all pieces once', () => {
  const pickable = new PickablePieces(new WantedPieces(new Bitfield(LENGTH)), 'rarest', new SeededRandom(1))
  let walks = 0
  const { changeAll } = pickable.availability
  pickable.availability.changeAll = (...args) => {
    walks++
    changeAll.apply(pickable.availability, args)
  }
  const seed = holder(Bitfield.full(LENGTH))
  pickable.peerCame(seed)
  for (let i = 0; i < 1_000; i++) {
    seed.pieces.delete(7)
    pickable.peerLost(seed, 7)
    assert.deepEqual([pickable.availability.of(6), pickable.availability.of(7)], [1, 0])
    seed.pieces.add(7)
    pickable.peerGot(seed, 7)
    assert.equal(pickable.availability.of(7), 1)
  }
  assert.equal(walks, 1)
})

test('rarest: when very many pieces change at once they are in order at the next pick, equal ones at random', () => {
  const length = 20_000
  const firsts = new Set<number>()
  for (let seed = 1; seed <= 20; seed++) {
    const pickable = new PickablePieces(
      new WantedPieces(new Bitfield(length)),
      'rarest',
      new SeededRandom(seed),
    )
    for (let piece = 0; piece < length; piece++) pickable.add(piece)
    const common = holder(new Bitfield(length))
    for (let piece = 0; piece < length; piece++) if (piece % 1_000 !== 7) common.pieces.add(piece)
    pickable.peerCame(common)
    const taken = Array.from({ length: 20 }, () => {
      const piece = pickable.pick(Bitfield.full(length), any) ?? -1
      pickable.remove(piece)
      return piece
    })
    assert.ok(taken.every(piece => piece % 1_000 === 7))
    assert.equal(new Set(taken).size, 20)
    firsts.add(taken[0]!)
    pickable.peerWent(common)
    assert.equal(pickable.availability.of(8), 0)
    assert.notEqual(pickable.pick(Bitfield.full(length), any), undefined)
  }
  assert.ok(firsts.size > 5, `${[...firsts]}`)
})

test('rarest: of a peer that has few of the pieces, the rarest are requested', () => {
  const pickable = all('rarest')
  for (let piece = 0; piece < 50; piece++)
    pickable.peerCame(holder(some(...Array.from({ length: 50 - piece }, (_, i) => 50 + i))))
  // The first fifty are the rarest and not on offer.
  assert.equal(pickable.pick(some(60, 75, 90), any), 90)
})
