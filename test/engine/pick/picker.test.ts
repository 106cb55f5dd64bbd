import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Bitfield } from '../../../src/base/bitfield.js'
import { SeededRandom } from '../../../src/base/random.js'
import { newContributor } from '../../../src/engine/download/contributor.js'
import { RequestQueue } from '../../../src/engine/download/request-queue.js'
import type { PickingSource } from '../../../src/engine/download/source.js'
import { Suggestions } from '../../../src/engine/download/suggestions.js'
import type { PickOrder } from '../../../src/engine/pick/make-strategy.js'
import { PickablePieces } from '../../../src/engine/pick/pickable-pieces.js'
import { Picker } from '../../../src/engine/pick/picker.js'
import { WantedPieces } from '../../../src/engine/pick/wanted-pieces.js'
import { BLOCK_LENGTH } from '../../../src/protocol/metainfo/metainfo.js'
import { PieceMap } from '../../../src/protocol/metainfo/piece-map.js'
import { plainInfo } from '../support/joined-engines.js'

const FAST = 10e6
const SLOW = 100

/** What was asked of a source: the piece of each request, in order; and what it would rather be asked for. */
interface Asked {
  readonly asked: number[]
  readonly suggested: Suggestions
}

function setUp(pieceCount: number, blocksPerPiece: number, order: PickOrder = 'random') {
  const random = new SeededRandom(1)
  const map = new PieceMap(plainInfo(pieceCount, blocksPerPiece * BLOCK_LENGTH))
  const picker = new Picker(
    map,
    new PickablePieces(new WantedPieces(new Bitfield(pieceCount)), order, random),
    random,
  )
  for (let piece = 0; piece < pieceCount; piece++) picker.want(piece)
  let hosts = 0
  /** A peer that has everything; `asked`: the pieces of its requests, in order. */
  function peer(bytesPerSecond: number | undefined, options: { isSnubbed?: boolean } = {}) {
    const asked: number[] = []
    const requests = new RequestQueue(8_192)
    const suggested = new Suggestions()
    const one: PickingSource & Asked = {
      asked,
      suggested,
      ledger: { requests },
      pieces: Bitfield.full(pieceCount),
      contributor: newContributor({ host: `10.0.0.${++hosts}`, port: 1 }),
      expectedRate: options.isSnubbed === true ? 0 : bytesPerSecond,
      runLength: 0,
      current: undefined,
      onlyPieces: undefined,
      preferred: (isOfUse, mayBegin) => suggested.first(isOfUse, mayBegin),
      mayAskFor: () => true,
      ask(piece, block) {
        asked.push(piece)
        requests.push(piece, block)
      },
    }
    return one
  }
  function answerAll(from: ReturnType<typeof peer>): void {
    for (; from.ledger.requests.length > 0; from.ledger.requests.removeAt(0))
      picker.received(from.ledger.requests.pieceAt(0), from.ledger.requests.blockAt(0), from.contributor)
  }
  return { picker, peer, answerAll }
}

test('fast peers work through pieces of their own', () => {
  const { picker, peer } = setUp(100, 16)
  const peers = [peer(FAST), peer(FAST), peer(undefined)]
  for (let round = 0; round < 4; round++) for (const one of peers) picker.fill(one, 4)
  for (const { asked } of peers) assert.equal(new Set(asked).size, 1)
  assert.equal(new Set(peers.flatMap(({ asked }) => asked)).size, 3)
})

test('slow peers share a piece until all of it is requested', () => {
  const { picker, peer } = setUp(100, 16)
  const peers = [peer(SLOW), peer(SLOW), peer(SLOW), peer(SLOW)]
  for (let round = 0; round < 4; round++) for (const one of peers) picker.fill(one, 1)
  assert.equal(new Set(peers.flatMap(({ asked }) => asked)).size, 1)
  picker.fill(peers[0]!, 1)
  assert.equal(new Set(peers[0]!.asked).size, 2)
})

test('a fast peer takes over pieces that slow ones began, and a snubbing one keeps none to itself', () => {
  const { picker, peer } = setUp(100, 16)
  const snubbed = peer(FAST, { isSnubbed: true })
  picker.fill(snubbed, 1)
  const fast = peer(FAST)
  picker.fill(fast, 15)
  assert.deepEqual(new Set(fast.asked), new Set(snubbed.asked))
  const slow = peer(SLOW)
  picker.fill(slow, 1)
  assert.notEqual(slow.asked[0], fast.asked[0])
})

test('with many blocks in pieces in progress, these are continued before others are begun', () => {
  const { picker, peer } = setUp(100, 1_024)
  const first = [peer(FAST), peer(FAST)]
  for (const one of first) picker.fill(one, 1)
  const begun = new Set(first.flatMap(({ asked }) => asked))
  assert.equal(begun.size, 2)
  for (let i = 0; i < 20; i++) {
    const one = peer(FAST)
    picker.fill(one, 10)
    for (const piece of one.asked) assert.ok(begun.has(piece))
  }
})

test("a suspect neither joins another peer's piece nor shares its own while there is anything else", () => {
  const { picker, peer, answerAll } = setUp(10, 4)
  const slow = peer(SLOW)
  picker.fill(slow, 1)
  const suspect = peer(SLOW)
  suspect.contributor.isSuspect = true
  picker.fill(suspect, 2)
  assert.notEqual(suspect.asked[0], slow.asked[0])
  const others = [peer(SLOW), peer(FAST)]
  for (const one of others) picker.fill(one, 4)
  for (const one of others) assert.ok(!one.asked.includes(suspect.asked[0]!))
  answerAll(suspect)
  picker.fill(suspect, 2)
  assert.equal(new Set(suspect.asked).size, 1)
})

test('a piece that was left to a peer that is gone is continued by others after some seconds', () => {
  const { picker, peer, answerAll } = setUp(1, 4)
  const suspect = peer(SLOW)
  suspect.contributor.isSuspect = true
  picker.fill(suspect, 2)
  answerAll(suspect)
  picker.leave(suspect)
  const other = peer(FAST)
  picker.fill(other, 4)
  assert.deepEqual(other.asked, [])
  for (let second = 0; second < 10; second++) picker.onSecond()
  picker.fill(other, 4)
  assert.deepEqual(other.asked, [0, 0])
})

test('endgame: the last blocks are requested from a second peer, and from no third', () => {
  const { picker, peer } = setUp(2, 4)
  const first = peer(FAST)
  picker.fill(first, 8)
  assert.equal(picker.isEndgame, true)
  const second = peer(FAST)
  picker.fillTwice(second, 100)
  assert.equal(second.asked.length, 8)
  const third = peer(FAST)
  picker.fillTwice(third, 100)
  assert.deepEqual(third.asked, [])
})

test('blocks that are given back go to the next peer, and a piece that is requested from no peer is pickable again', () => {
  const { picker, peer } = setUp(1, 4)
  const first = peer(FAST)
  picker.fill(first, 4)
  for (const block of [3, 2]) picker.release(0, block)
  const second = peer(FAST)
  picker.fill(second, 1)
  assert.equal(second.ledger.requests.blockAt(0), 2)
  for (const block of [0, 1, 2]) picker.release(0, block)
  picker.leave(first)
  picker.leave(second)
  assert.equal(picker.pickable.size, 1)
})

for (const order of ['random', 'rarest'] as const) {
  test(`a suggested piece is begun before all others, ${order}`, () => {
    const { picker, peer } = setUp(100, 4, order)
    picker.fill(peer(SLOW), 1)
    const one = peer(FAST)
    for (const piece of [42, 17]) one.suggested.add(piece)
    picker.fill(one, 8)
    assert.deepEqual(one.asked, [42, 42, 42, 42, 17, 17, 17, 17])
  })
}

test('suggestions change nothing where the order is strict, or others have a higher priority', () => {
  const sequential = setUp(100, 4, 'sequential')
  const one = sequential.peer(FAST)
  one.suggested.add(42)
  sequential.picker.fill(one, 4)
  assert.deepEqual(new Set(one.asked), new Set([0]))
  const { picker, peer } = setUp(100, 4)
  const other = peer(FAST)
  other.suggested.add(42)
  picker.pickable.setPriority(7, 7)
  picker.fill(other, 8)
  assert.deepEqual(other.asked, [7, 7, 7, 7, 42, 42, 42, 42])
})

test('a suggested piece that is here already is not requested', () => {
  const { picker, peer, answerAll } = setUp(100, 4)
  const one = peer(FAST)
  one.suggested.add(42)
  picker.fill(one, 4)
  answerAll(one)
  one.suggested.add(42)
  picker.fill(one, 4)
  assert.equal(one.asked.filter(piece => piece === 42).length, 4)
})

test('a piece that was lost before it was verified is fetched again, and no peer is a suspect for it', () => {
  const { picker, peer, answerAll } = setUp(1, 4)
  const sender = peer(FAST)
  picker.fill(sender, 4)
  answerAll(sender)
  assert.ok(picker.verifying(0))
  picker.restart(0)
  assert.equal(picker.verifying(0), undefined)
  assert.equal(picker.suspicions.isSuspect(0, sender.contributor), false)
  picker.fill(sender, 4)
  assert.equal(sender.ledger.requests.length, 4)
})

test('of a piece that is lost while it comes, received blocks are requested again, and others still awaited', () => {
  const { picker, peer } = setUp(1, 4)
  const sender = peer(FAST)
  picker.fill(sender, 4)
  for (const block of [0, 1]) {
    picker.received(0, block, sender.contributor)
    sender.ledger.requests.removeAt(sender.ledger.requests.find(0, block))
  }
  picker.restart(0)
  assert.equal(picker.isExpected(0, 0), true)
  picker.fill(sender, 4)
  const asked = Array.from({ length: sender.ledger.requests.length }, (_, at) =>
    sender.ledger.requests.blockAt(at),
  )
  assert.deepEqual(asked.sort(), [0, 1, 2, 3])
  for (const block of asked) picker.received(0, block, sender.contributor)
  assert.ok(picker.verifying(0))
  assert.deepEqual([...(picker.verifying(0)?.contributors ?? [])], [sender.contributor])
})

test('a piece that is lost when every block of it was requested has blocks to request again', () => {
  const { picker, peer } = setUp(2, 2)
  const sender = peer(FAST)
  picker.fill(sender, 4)
  const piece = sender.ledger.requests.pieceAt(0)
  picker.received(piece, 0, sender.contributor)
  sender.ledger.requests.removeAt(sender.ledger.requests.find(piece, 0))
  picker.leave(sender)
  picker.restart(piece)
  const other = peer(FAST)
  picker.fill(other, 1)
  assert.equal(other.ledger.requests.pieceAt(0), piece)
})
