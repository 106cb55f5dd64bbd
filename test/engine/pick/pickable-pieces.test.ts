import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Bitfield } from '../../../src/base/bitfield.js'
import { SeededRandom } from '../../../src/base/random.js'
import type { PickOrder } from '../../../src/engine/pick/make-strategy.js'
import { type Priority, piecePriorities } from '../../../src/engine/pick/priorities.js'
import { type PieceHolder, WantedPieces } from '../../../src/engine/pick/wanted-pieces.js'
import { PieceMap } from '../../../src/protocol/metainfo/piece-map.js'
import { plainInfo } from '../support/joined-engines.js'

const LENGTH = 100
const any = () => true

function all(order: PickOrder = 'random', seed = 1): WantedPieces {
  const wanted = new WantedPieces(new Bitfield(LENGTH), order, new SeededRandom(seed))
  for (let piece = 0; piece < LENGTH; piece++) wanted.add(piece)
  return wanted
}

function take(wanted: WantedPieces, offered = Bitfield.full(LENGTH)): number | undefined {
  const piece = wanted.pick(offered, any)
  if (piece !== undefined) wanted.remove(piece)
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
    const wanted = all(order)
    for (const [piece, priority] of [
      [70, 7],
      [71, 7],
      [10, 1],
      [11, 0],
      [40, 5],
    ] as const)
      wanted.setPriority(piece, priority)
    const taken = Array.from({ length: LENGTH }, () => take(wanted))
    assert.deepEqual(taken.slice(0, 2).sort(), [70, 71])
    assert.equal(taken[2], 40)
    assert.deepEqual(taken.slice(-2), [10, undefined])
    assert.ok(!taken.includes(11))
  })
}

test('what is not wanted is not lacking, and done is who has all the rest', () => {
  const have = new Bitfield(3)
  const wanted = new WantedPieces(have, 'random', new SeededRandom(1))
  for (const piece of [0, 1, 2]) wanted.add(piece)
  wanted.setPriority(1, 0)
  assert.equal(wanted.countLacking(Bitfield.full(3)), 2)
  assert.equal(wanted.lacks(1), false)
  wanted.verified(0)
  assert.equal(wanted.isDone, false)
  wanted.verified(2)
  assert.equal(wanted.isDone, true)
  assert.equal(have.isFull, false)
  wanted.setPriority(1, 4)
  assert.equal(wanted.isDone, false)
  assert.equal(wanted.has(1), false)
  wanted.add(1)
  assert.equal(wanted.has(1), true)
})

test('availability: seeds and others together, as they come, get pieces, lose some and go', () => {
  const wanted = new WantedPieces(new Bitfield(LENGTH), 'rarest', new SeededRandom(1))
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
          wanted.peerCame(newcomer)
        } else if (what === 'went' && known !== undefined) {
          peers.delete(peer)
          wanted.peerWent(known)
        } else if (what === 'got' && known?.pieces.add(piece)) {
          wanted.peerGot(known, piece)
        } else if (what === 'lost' && known?.pieces.delete(piece)) {
          wanted.peerLost(known, piece)
        }
        for (let one = 0; one < LENGTH; one++) {
          const holders = [...peers.values()].filter(({ pieces }) => pieces.has(one)).length
          assert.equal(wanted.availability.of(one), holders)
        }
      }
      for (const peer of peers.values()) wanted.peerWent(peer)
    }),
  )
})

test('availability: a seed that loses and gets a piece again and again costs a walk through all pieces once', () => {
  const wanted = new WantedPieces(new Bitfield(LENGTH), 'rarest', new SeededRandom(1))
  let walks = 0
  const { changeAll } = wanted.availability
  wanted.availability.changeAll = (...args) => {
    walks++
    changeAll.apply(wanted.availability, args)
  }
  const seed = holder(Bitfield.full(LENGTH))
  wanted.peerCame(seed)
  for (let i = 0; i < 1_000; i++) {
    seed.pieces.delete(7)
    wanted.peerLost(seed, 7)
    assert.deepEqual([wanted.availability.of(6), wanted.availability.of(7)], [1, 0])
    seed.pieces.add(7)
    wanted.peerGot(seed, 7)
    assert.equal(wanted.availability.of(7), 1)
  }
  assert.equal(walks, 1)
})

test('rarest: when very many pieces change at once they are in order at the next pick, equal ones at random', () => {
  const length = 20_000
  const firsts = new Set<number>()
  for (let seed = 1; seed <= 20; seed++) {
    const wanted = new WantedPieces(new Bitfield(length), 'rarest', new SeededRandom(seed))
    for (let piece = 0; piece < length; piece++) wanted.add(piece)
    const common = holder(new Bitfield(length))
    for (let piece = 0; piece < length; piece++) if (piece % 1_000 !== 7) common.pieces.add(piece)
    wanted.peerCame(common)
    const taken = Array.from({ length: 20 }, () => {
      const piece = wanted.pick(Bitfield.full(length), any) ?? -1
      wanted.remove(piece)
      return piece
    })
    assert.ok(taken.every(piece => piece % 1_000 === 7))
    assert.equal(new Set(taken).size, 20)
    firsts.add(taken[0]!)
    wanted.peerWent(common)
    assert.equal(wanted.availability.of(8), 0)
    assert.notEqual(wanted.pick(Bitfield.full(length), any), undefined)
  }
  assert.ok(firsts.size > 5, `${[...firsts]}`)
})

test('rarest: a peer that has few of the pieces is asked for the rarest of them', () => {
  const wanted = all('rarest')
  for (let piece = 0; piece < 50; piece++)
    wanted.peerCame(holder(some(...Array.from({ length: 50 - piece }, (_, i) => 50 + i))))
  // The first fifty are the rarest and not on offer.
  assert.equal(wanted.pick(some(60, 75, 90), any), 90)
})

test('the priority of a piece is that of the most wanted file in it', () => {
  const info = plainInfo(4)
  const file = (offset: number, length: number) => ({
    type: 'file' as const,
    path: [`${offset}`],
    length,
    offset,
    isExecutable: false,
    sha256: undefined,
    piecesRoot: undefined,
  })
  const entries = [file(0, 100_000), file(100_000, 0), file(100_000, 4 * 65_536 - 100_000)]
  const map = new PieceMap({ ...info, entries })
  const priorities: Priority[] = [0, 7, 5]
  assert.deepEqual([...piecePriorities(map, entries, index => priorities[index]!)], [0, 5, 5, 5])
})
