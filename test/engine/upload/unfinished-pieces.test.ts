import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Bitfield } from '../../../src/base/bitfield.js'
import { UnfinishedPieces } from '../../../src/engine/upload/unfinished-pieces.js'
import { UploadQueue } from '../../../src/engine/upload/upload-queue.js'

const BLOCKS = 4
const LENGTH = 16_384

class FakePeer {
  readonly pieces = new Bitfield(10)
  readonly uploadQueue = new UploadQueue()
  supportsFast = true

  /** It was sent some blocks of a piece. */
  served(piece: number, count: number): this {
    for (let block = 0; block < count; block++) {
      this.uploadQueue.push({ piece, offset: block * LENGTH, length: LENGTH })
      this.uploadQueue.shift()
    }
    return this
  }
}

test('a peer that is choked in the middle of a piece may have the blocks of it that it was not sent', () => {
  const unfinished = new UnfinishedPieces<FakePeer>(() => BLOCKS)
  const peer = new FakePeer().served(2, BLOCKS).served(3, 1)
  assert.equal(unfinished.cut(peer, 5, 0), 3)
  assert.equal(unfinished.take(peer, 2), false)
  assert.deepEqual(
    [1, 2, 3, 4].map(() => unfinished.take(peer, 3)),
    [true, true, true, false],
  )
  assert.equal(unfinished.take(new FakePeer(), 3), false)
})

const NOTHING: { title: string; peer: FakePeer }[] = [
  { title: 'was sent nothing', peer: new FakePeer() },
  { title: 'was sent all of its last piece', peer: new FakePeer().served(1, 2).served(2, BLOCKS) },
  {
    title: 'does not know the fast extension',
    peer: Object.assign(new FakePeer().served(1, 1), { supportsFast: false }),
  },
]
for (const { title, peer } of NOTHING) {
  test(`there is nothing to finish for a peer that ${title}`, () => {
    const unfinished = new UnfinishedPieces<FakePeer>(() => BLOCKS)
    assert.equal(unfinished.cut(peer, 5, 0), undefined)
    for (const piece of [0, 1, 2]) assert.equal(unfinished.take(peer, piece), false)
  })
}

test('a piece that the peer has got elsewhere meanwhile need not be finished', () => {
  const unfinished = new UnfinishedPieces<FakePeer>(() => BLOCKS)
  const peer = new FakePeer().served(1, 1)
  peer.pieces.add(1)
  assert.equal(unfinished.cut(peer, 5, 0), undefined)
})

test('the peer may finish the piece until the next unchoke', () => {
  const unfinished = new UnfinishedPieces<FakePeer>(() => BLOCKS)
  const peer = new FakePeer().served(1, 1)
  unfinished.cut(peer, 5, 0)
  unfinished.forget(peer)
  assert.equal(unfinished.take(peer, 1), false)
})

test('at most twice as many peers finish at a time as there are slots, and each for a minute', () => {
  const unfinished = new UnfinishedPieces<FakePeer>(() => BLOCKS)
  const peers = Array.from({ length: 6 }, () => new FakePeer().served(1, 1))
  const cut = (peer: number, now: number) => unfinished.cut(peers[peer]!, 1, now)
  assert.deepEqual([cut(0, 0), cut(1, 10_000), cut(2, 10_000)], [1, 1, undefined])
  // One has got its piece, then another has used up its minute.
  peers[0]!.pieces.add(1)
  assert.deepEqual([cut(3, 20_000), cut(4, 20_000)], [1, undefined])
  assert.equal(cut(5, 75_000), 1)
})
