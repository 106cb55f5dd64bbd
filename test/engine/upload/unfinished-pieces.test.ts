import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Bitfield } from '../../../src/base/bitfield.js'
import { UnfinishedPieces } from '../../../src/engine/upload/unfinished-pieces.js'
import { UploadQueue } from '../../../src/engine/upload/upload-queue.js'

const BLOCKS = 4
const LENGTH = 16_384

class Someone {
  readonly pieces = new Bitfield(10)
  readonly uploads = new UploadQueue()
  supportsFast = true

  /** It was sent these blocks of a piece. */
  served(piece: number, count: number): this {
    for (let block = 0; block < count; block++) {
      this.uploads.push({ piece, offset: block * LENGTH, length: LENGTH })
      this.uploads.shift()
    }
    return this
  }
}

test('who is choked in the middle of a piece may have as many blocks of it as it was not sent', () => {
  const unfinished = new UnfinishedPieces<Someone>(() => BLOCKS)
  const peer = new Someone().served(2, BLOCKS).served(3, 1)
  assert.equal(unfinished.cut(peer, 5, 0), 3)
  assert.equal(unfinished.take(peer, 2), false)
  assert.deepEqual(
    [1, 2, 3, 4].map(() => unfinished.take(peer, 3)),
    [true, true, true, false],
  )
  assert.equal(unfinished.take(new Someone(), 3), false)
})

const NOTHING: { title: string; peer: Someone }[] = [
  { title: 'was sent nothing', peer: new Someone() },
  { title: 'was sent all of its last piece', peer: new Someone().served(1, 2).served(2, BLOCKS) },
  {
    title: 'does not know the fast extension',
    peer: Object.assign(new Someone().served(1, 1), { supportsFast: false }),
  },
]
for (const { title, peer } of NOTHING) {
  test(`there is nothing to finish for one that ${title}`, () => {
    const unfinished = new UnfinishedPieces<Someone>(() => BLOCKS)
    assert.equal(unfinished.cut(peer, 5, 0), undefined)
    for (const piece of [0, 1, 2]) assert.equal(unfinished.take(peer, piece), false)
  })
}

test('a piece that it has got elsewhere meanwhile need not be finished', () => {
  const unfinished = new UnfinishedPieces<Someone>(() => BLOCKS)
  const peer = new Someone().served(1, 1)
  peer.pieces.add(1)
  assert.equal(unfinished.cut(peer, 5, 0), undefined)
})

test('what was allowed holds until the next unchoke', () => {
  const unfinished = new UnfinishedPieces<Someone>(() => BLOCKS)
  const peer = new Someone().served(1, 1)
  unfinished.cut(peer, 5, 0)
  unfinished.forget(peer)
  assert.equal(unfinished.take(peer, 1), false)
})

test('no more peers finish at a time than twice the slots, and none for ever', () => {
  const unfinished = new UnfinishedPieces<Someone>(() => BLOCKS)
  const peers = Array.from({ length: 6 }, () => new Someone().served(1, 1))
  const cut = (peer: number, now: number) => unfinished.cut(peers[peer]!, 1, now)
  assert.deepEqual([cut(0, 0), cut(1, 10_000), cut(2, 10_000)], [1, 1, undefined])
  // One has got its piece, and then one is too slow.
  peers[0]!.pieces.add(1)
  assert.deepEqual([cut(3, 20_000), cut(4, 20_000)], [1, undefined])
  assert.equal(cut(5, 75_000), 1)
})
