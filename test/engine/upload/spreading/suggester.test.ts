import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Bitfield } from '../../../../src/base/bitfield.js'
import { SeededRandom } from '../../../../src/base/random.js'
import { Availability } from '../../../../src/engine/pick/availability.js'
import { type SuggestedPeer, Suggester } from '../../../../src/engine/upload/spreading/suggester.js'

const PIECES = 12
const BLOCKS = 4

class Someone implements SuggestedPeer {
  pieces = new Bitfield(PIECES)
  isChoked = false
  heedsSuggestions = true
  rateFromUs = 0
  readonly named: number[] = []
  readonly link = { suggest: (piece: number) => void this.named.push(piece) }
}

function newSuggester(copies = new Availability(PIECES)): Suggester<Someone> {
  const map = { pieceCount: PIECES, pieceLength: 1_000, blockCount: () => BLOCKS }
  return new Suggester<Someone>(map, copies, new SeededRandom(9))
}

function ask(suggester: Suggester<Someone>, peer: Someone, piece: number, blocks = BLOCKS): void {
  for (let block = 0; block < blocks; block++) suggester.onAsked(peer, piece)
}

test('each peer is named a piece of its own, and the next when it asks for it', () => {
  const suggester = newSuggester()
  const [a, b] = [new Someone(), new Someone()]
  suggester.suggest(a)
  suggester.suggest(b)
  suggester.suggest(a)
  assert.deepEqual([a.named.length, b.named.length], [1, 1])
  suggester.onAsked(a, a.named[0]!)
  assert.equal(a.named.length, 2)
  assert.equal(new Set([...a.named, ...b.named]).size, 3)
})

/** Lets `peer` ask for all it is named, until it is named nothing more. */
function askForAll(suggester: Suggester<Someone>, peer: Someone): void {
  suggester.suggest(peer)
  for (let i = 0; i < peer.named.length && i < 3 * PIECES; i++) ask(suggester, peer, peer.named[i]!)
}

test('every piece is named once before any is named twice', () => {
  const suggester = newSuggester()
  const peers = [new Someone(), new Someone(), new Someone()]
  for (const peer of peers) suggester.suggest(peer)
  for (let round = 1; round < PIECES / 3; round++) {
    for (const peer of peers) ask(suggester, peer, peer.named.at(-1)!)
  }
  const named = peers.flatMap(peer => peer.named)
  assert.equal(named.length, PIECES)
  assert.equal(new Set(named).size, PIECES)
})

test('what is asked for unnamed, or is with somebody, is named to nobody', () => {
  const copies = new Availability(PIECES)
  const suggester = newSuggester(copies)
  const [a, b] = [new Someone(), new Someone()]
  for (const piece of [1, 2, 3]) copies.change(piece, 1)
  suggester.suggest(a)
  const unnamed = a.named[0] === 4 ? 5 : 4
  ask(suggester, a, unnamed)
  askForAll(suggester, b)
  for (const piece of [1, 2, 3, unnamed]) assert.ok(!b.named.includes(piece), `${piece}`)
  assert.equal(b.named.length, PIECES - 4 - a.named.length)
})

test('what a choked peer did not get as a whole is named to others', () => {
  const suggester = newSuggester()
  const [a, b] = [new Someone(), new Someone()]
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

test('the piece that a choked peer may finish is named to nobody else', () => {
  const suggester = newSuggester()
  const [a, b] = [new Someone(), new Someone()]
  suggester.suggest(a)
  const [half = -1] = a.named
  ask(suggester, a, half, BLOCKS - 1)
  a.isChoked = true
  suggester.onChoked(a, new Set([half]), half)
  askForAll(suggester, b)
  assert.ok(!b.named.includes(half))
})

test('who passes nothing on owes us, and what it got is named to others in the end', () => {
  const copies = new Availability(PIECES)
  const suggester = newSuggester(copies)
  const gets = (peer: Someone, piece: number) => {
    peer.pieces.add(piece)
    copies.change(piece, 1)
    suggester.onHave(piece)
  }
  const [rider, sharer, other] = [new Someone(), new Someone(), new Someone()]
  for (const peer of [rider, sharer, other]) suggester.suggest(peer)
  for (let count = 0; count < 4; count++) {
    for (const peer of [rider, sharer]) {
      const piece = peer.named.at(-1)!
      ask(suggester, peer, piece)
      gets(peer, piece)
      if (peer === sharer) gets(other, piece)
    }
  }
  assert.ok(suggester.owes(rider))
  assert.ok(!suggester.owes(sharer))
  const lost = rider.named.slice(0, 4)
  askForAll(suggester, sharer)
  for (let i = 0; i < PIECES; i++) suggester.suggest(sharer)
  assert.ok(
    lost.some(piece => sharer.named.includes(piece)),
    `${sharer.named} against ${lost}`,
  )
})

test('what one that leaves was named is named to others', () => {
  const suggester = newSuggester()
  const [a, b] = [new Someone(), new Someone()]
  suggester.suggest(a)
  suggester.onRemoved(a)
  askForAll(suggester, b)
  assert.equal(new Set(b.named).size, PIECES)
})

test('nobody is named a piece that may not ask for it, or would not understand', () => {
  const suggester = newSuggester()
  const choked = new Someone()
  choked.isChoked = true
  const plain = new Someone()
  plain.heedsSuggestions = false
  for (const peer of [choked, plain]) suggester.suggest(peer)
  assert.deepEqual([...choked.named, ...plain.named], [])
})

test('a peer that takes fast is named more', () => {
  const suggester = newSuggester()
  const fast = new Someone()
  fast.rateFromUs = 5_000
  suggester.suggest(fast)
  assert.equal(fast.named.length, 5)
})
