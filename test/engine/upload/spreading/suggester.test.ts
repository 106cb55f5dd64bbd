import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Bitfield } from '../../../../src/base/bitfield.js'
import { SeededRandom } from '../../../../src/base/random.js'
import { Availability } from '../../../../src/engine/pick/availability.js'
import { type SuggestedPeer, Suggester } from '../../../../src/engine/upload/spreading/suggester.js'

const PIECES = 12
const BLOCKS = 4

class FakePeer implements SuggestedPeer {
  pieces = new Bitfield(PIECES)
  isChoked = false
  heedsSuggestions = true
  rateFromUs = 0
  readonly named: number[] = []
  readonly link = { suggest: (piece: number) => void this.named.push(piece) }
}

function newSuggester(copies = new Availability(PIECES)): Suggester<FakePeer> {
  const map = { pieceCount: PIECES, pieceLength: 1_000, blockCount: () => BLOCKS }
  return new Suggester<FakePeer>(map, copies, new SeededRandom(9))
}

function ask(suggester: Suggester<FakePeer>, peer: FakePeer, piece: number, blocks = BLOCKS): void {
  for (let block = 0; block < blocks; block++) suggester.onAsked(peer, piece)
}

test('each peer is suggested a piece of its own, and the next one when it requests that', () => {
  const suggester = newSuggester()
  const [a, b] = [new FakePeer(), new FakePeer()]
  suggester.suggest(a)
  suggester.suggest(b)
  suggester.suggest(a)
  assert.deepEqual([a.named.length, b.named.length], [1, 1])
  suggester.onAsked(a, a.named[0]!)
  assert.equal(a.named.length, 2)
  assert.equal(new Set([...a.named, ...b.named]).size, 3)
})

/** Lets `peer` request all that it is suggested, until it is suggested nothing more. */
function askForAll(suggester: Suggester<FakePeer>, peer: FakePeer): void {
  suggester.suggest(peer)
  for (let i = 0; i < peer.named.length && i < 3 * PIECES; i++) ask(suggester, peer, peer.named[i]!)
}

test('every piece is suggested once before any is suggested twice', () => {
  const suggester = newSuggester()
  const peers = [new FakePeer(), new FakePeer(), new FakePeer()]
  for (const peer of peers) suggester.suggest(peer)
  for (let round = 1; round < PIECES / 3; round++) {
    for (const peer of peers) ask(suggester, peer, peer.named.at(-1)!)
  }
  const named = peers.flatMap(peer => peer.named)
  assert.equal(named.length, PIECES)
  assert.equal(new Set(named).size, PIECES)
})

test('pieces that were requested without a suggestion, or that a peer has, are not suggested', () => {
  const copies = new Availability(PIECES)
  const suggester = newSuggester(copies)
  const [a, b] = [new FakePeer(), new FakePeer()]
  for (const piece of [1, 2, 3]) copies.change(piece, 1)
  suggester.suggest(a)
  const unnamed = a.named[0] === 4 ? 5 : 4
  ask(suggester, a, unnamed)
  askForAll(suggester, b)
  for (const piece of [1, 2, 3, unnamed]) assert.ok(!b.named.includes(piece), `${piece}`)
  assert.equal(b.named.length, PIECES - 4 - a.named.length)
})

test('pieces that a choked peer did not get in full are suggested to others', () => {
  const suggester = newSuggester()
  const [a, b] = [new FakePeer(), new FakePeer()]
  suggester.suggest(a)
  const [whole = -1] = a.named
  ask(suggester, a, whole)
  const half = a.named.at(-1)!
  ask(suggester, a, half, BLOCKS - 1)
  const unsent = a.named.at(-1)!
  ask(suggester, a, unsent)
  const named = a.named.at(-1)!
  a.isChoked = true
  suggester.onChoked(a, new Set([unsent]), undefined)
  askForAll(suggester, b)
  for (const piece of [half, unsent, named]) assert.ok(b.named.includes(piece), `${piece}`)
  assert.ok(!b.named.includes(whole))
})

test('the piece that a choked peer may finish is not suggested to others', () => {
  const suggester = newSuggester()
  const [a, b] = [new FakePeer(), new FakePeer()]
  suggester.suggest(a)
  const [half = -1] = a.named
  ask(suggester, a, half, BLOCKS - 1)
  a.isChoked = true
  suggester.onChoked(a, new Set([half]), half)
  askForAll(suggester, b)
  assert.ok(!b.named.includes(half))
})

test('a peer that uploads nothing withholds, and the pieces that it got are suggested to others in the end', () => {
  const copies = new Availability(PIECES)
  const suggester = newSuggester(copies)
  const gets = (peer: FakePeer, piece: number) => {
    peer.pieces.add(piece)
    copies.change(piece, 1)
    suggester.onHave(piece)
  }
  const [rider, sharer, other] = [new FakePeer(), new FakePeer(), new FakePeer()]
  for (const peer of [rider, sharer, other]) suggester.suggest(peer)
  for (let count = 0; count < 4; count++) {
    for (const peer of [rider, sharer]) {
      const piece = peer.named.at(-1)!
      ask(suggester, peer, piece)
      gets(peer, piece)
      if (peer === sharer) gets(other, piece)
    }
  }
  assert.ok(suggester.withholds(rider))
  assert.ok(!suggester.withholds(sharer))
  const lost = rider.named.slice(0, 4)
  askForAll(suggester, sharer)
  for (let i = 0; i < PIECES; i++) suggester.suggest(sharer)
  assert.ok(
    lost.some(piece => sharer.named.includes(piece)),
    `${sharer.named} against ${lost}`,
  )
})

test('pieces that were suggested to a peer that leaves are suggested to others', () => {
  const suggester = newSuggester()
  const [a, b] = [new FakePeer(), new FakePeer()]
  suggester.suggest(a)
  suggester.onRemoved(a)
  askForAll(suggester, b)
  assert.equal(new Set(b.named).size, PIECES)
})

test('nothing is suggested to a peer that is choked, or does not understand suggestions', () => {
  const suggester = newSuggester()
  const choked = new FakePeer()
  choked.isChoked = true
  const plain = new FakePeer()
  plain.heedsSuggestions = false
  for (const peer of [choked, plain]) suggester.suggest(peer)
  assert.deepEqual([...choked.named, ...plain.named], [])
})

test('a fast peer is suggested more', () => {
  const suggester = newSuggester()
  const fast = new FakePeer()
  fast.rateFromUs = 5_000
  suggester.suggest(fast)
  assert.equal(fast.named.length, 5)
})
