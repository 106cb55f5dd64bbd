import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Bitfield } from '../../../../src/base/bitfield.js'
import { SeededRandom } from '../../../../src/base/random.js'
import { type SuggestedPeer, Suggester } from '../../../../src/engine/upload/spreading/suggester.js'

const PIECES = 12
const BLOCKS = 4

class Someone implements SuggestedPeer {
  pieces = new Bitfield(PIECES)
  isChoked = false
  supportsFast = true
  rateFromUs = 0
  readonly named: number[] = []
  readonly link = { suggest: (piece: number) => void this.named.push(piece) }
}

const NOTHING = new Set<number>()

function newSuggester(): Suggester<Someone> {
  const map = { pieceCount: PIECES, pieceLength: 1_000, blockCount: () => BLOCKS }
  return new Suggester<Someone>(map, new SeededRandom(9))
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

test('every piece is named once, then it is over', () => {
  const suggester = newSuggester()
  const peers = [new Someone(), new Someone(), new Someone()]
  for (let round = 0; round < PIECES; round++) {
    for (const peer of peers) {
      suggester.suggest(peer)
      for (const piece of peer.named) ask(suggester, peer, piece)
    }
  }
  assert.ok(suggester.isOver)
  assert.equal(new Set(peers.flatMap(peer => peer.named)).size, PIECES)
  assert.equal(peers.flatMap(peer => peer.named).length, PIECES)
})

test('what is asked for unnamed, or is with somebody, is named to nobody', () => {
  const suggester = newSuggester()
  const [a, b] = [new Someone(), new Someone()]
  for (const piece of [1, 2, 3]) a.pieces.add(piece)
  suggester.suggest(a)
  ask(suggester, a, 4)
  suggester.onHave(5)
  while (!suggester.isOver) {
    suggester.suggest(b)
    for (const piece of b.named) ask(suggester, b, piece)
    ask(suggester, a, a.named.at(-1)!)
  }
  for (const piece of [1, 2, 3]) assert.ok(![...a.named, ...b.named].includes(piece))
  for (const piece of [4, 5]) assert.ok(!b.named.includes(piece))
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
  suggester.onChoked(a, new Set([unsent]))
  while (!suggester.isOver) {
    suggester.suggest(b)
    for (const piece of b.named) ask(suggester, b, piece)
  }
  for (const piece of [half, unsent, named]) assert.ok(b.named.includes(piece), `${piece}`)
  assert.ok(!b.named.includes(whole))
  suggester.onChoked(b, NOTHING)
  assert.ok(suggester.isOver)
})

test('nobody is named a piece that may not ask for it, or would not understand', () => {
  const suggester = newSuggester()
  const choked = new Someone()
  choked.isChoked = true
  const plain = new Someone()
  plain.supportsFast = false
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
