import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Candidates, MAX_CANDIDATES } from '../../src/engine/connect/candidates.js'
import { newContributor } from '../../src/engine/download/contributor.js'
import { PieceDownload } from '../../src/engine/download/piece-download.js'
import { RequestQueue } from '../../src/engine/download/request-queue.js'

test('request queue: a list with removal anywhere, in a ring', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('push' as const), piece: fc.nat({ max: 5 }), block: fc.nat({ max: 5 }) }),
    fc.record({ do: fc.constant('remove' as const), at: fc.nat({ max: 15 }) }),
    fc.record({ do: fc.constant('release' as const), at: fc.nat({ max: 15 }) }),
    fc.record({ do: fc.constant('remove released' as const) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), steps => {
      const queue = new RequestQueue(16)
      let model: { piece: number; block: number; released: boolean }[] = []
      for (const one of steps) {
        if (one.do === 'push' && model.length < 16) {
          queue.push(one.piece, one.block)
          model.push({ piece: one.piece, block: one.block, released: false })
        } else if (one.do === 'remove' && one.at < model.length) {
          queue.removeAt(one.at)
          model.splice(one.at, 1)
        } else if (one.do === 'release' && one.at < model.length) {
          queue.release(one.at)
          model[one.at]!.released = true
        } else if (one.do === 'remove released') {
          const kept = model.filter(({ released }) => !released)
          const moved: { piece: number; block: number; released: boolean }[] = []
          queue.moveReleased({ add: (piece, block) => moved.unshift({ piece, block, released: true }) })
          assert.deepEqual(
            moved,
            model.filter(({ released }) => released),
          )
          model = kept
        }
        const releasedCount = model.filter(({ released }) => released).length
        assert.deepEqual(
          [queue.length, queue.releasedCount, queue.awaitedCount, queue.room],
          [model.length, releasedCount, model.length - releasedCount, 16 - model.length],
        )
        for (const [at, { piece, block, released }] of model.entries()) {
          assert.deepEqual(
            [queue.pieceAt(at), queue.blockAt(at), queue.isReleased(at)],
            [piece, block, released],
          )
          assert.equal(
            queue.find(piece, block),
            model.findIndex(other => other.piece === piece && other.block === block),
          )
        }
      }
    }),
  )
})

test('request queue: overflow is a defect, not a lost request', () => {
  const queue = new RequestQueue(2)
  queue.push(0, 0)
  queue.push(0, 1)
  assert.throws(() => queue.push(0, 2), RangeError)
})

test('piece download: a block is requested from one peer, then from a second, never twice from the same', () => {
  const download = new PieceDownload<string>(3, 3)
  const asked = new RequestQueue(8)
  for (const block of [0, 1, 2]) {
    assert.equal(download.takeOpen('first'), block)
    asked.push(3, block)
  }
  assert.equal(download.takeOpen('first'), -1)
  assert.equal(download.takeSecond('first', asked, 0), -1)
  const other = new RequestQueue(8)
  assert.deepEqual(
    [
      download.takeSecond('other', other, 1),
      download.takeSecond('other', other, 1),
      download.takeSecond('other', other, 1),
    ],
    [1, 2, 0],
  )
  assert.equal(download.takeSecond('other', other, 1), -1)
})

test('piece download: blocks that are given back are open again, once they are requested from no other peer', () => {
  const download = new PieceDownload<string>(0, 2)
  download.takeOpen('first')
  const second = new RequestQueue(8)
  download.takeSecond('other', second, 0)
  assert.equal(download.release(0), false)
  assert.equal(download.release(0), true)
  assert.equal(download.isUntouched, true)
  assert.equal(download.takeOpen('first'), 0)
})

test('piece download: knows which peer sent what, and what came twice', () => {
  const download = new PieceDownload<string>(0, 2)
  const a = newContributor({ host: '1.2.3.4', port: 5 })
  const b = newContributor({ host: '1.2.3.4', port: 6 })
  download.takeOpen('first')
  download.takeOpen('first')
  assert.equal(download.receive(0, a), 'new')
  assert.equal(download.receive(0, b), 'duplicate')
  assert.equal(download.isComplete, false)
  download.takeSecond('other', new RequestQueue(8), 0)
  assert.equal(download.receive(1, b), 'new-and-asked-elsewhere')
  assert.equal(download.isComplete, true)
  assert.deepEqual([...download.contributors], [a, b])
})

test('candidates: back-off doubles with each failure, and is reset by a connection that was of use', () => {
  const candidates = new Candidates()
  const candidate = candidates.add({ host: '1.2.3.4', port: 5 }, 'tracker')!
  assert.equal(candidates.next(0), candidate)
  let now = 0
  for (const wait of [5_000, 10_000, 20_000, 40_000]) {
    candidate.state = 'connecting'
    candidates.failed(candidate, now)
    assert.equal(candidates.next(now + wait - 1), undefined)
    assert.equal(candidates.next(now + wait), candidate)
    now += wait
  }
  candidates.connected(candidate)
  assert.equal(candidates.next(now), undefined)
  candidates.closed(candidate, true, now)
  assert.equal(candidate.failures, 0)
  assert.equal(candidates.next(now + 10_000), candidate)
})

test('candidates: an address that accepts and drops us at once is not tried again and again', () => {
  const candidates = new Candidates()
  const candidate = candidates.add({ host: '1.2.3.4', port: 5 }, 'tracker')!
  for (let round = 0; round < 5; round++) {
    candidates.connected(candidate)
    candidates.closed(candidate, false, 0)
  }
  assert.equal(candidates.next(60_000), undefined)
})

test('candidates: a ban holds for the host; on this machine for one address', () => {
  const candidates = new Candidates()
  const far = candidates.add({ host: '1.2.3.4', port: 5 }, 'tracker')!
  const farToo = candidates.add({ host: '1.2.3.4', port: 6 }, 'tracker')!
  const near = candidates.add({ host: '127.0.0.1', port: 5 }, 'tracker')!
  const nearToo = candidates.add({ host: '127.0.0.1', port: 6 }, 'tracker')!
  candidates.ban(far.contributor)
  candidates.ban(near.contributor)
  assert.deepEqual(
    [far, farToo, near, nearToo].map(({ contributor }) => candidates.isBanned(contributor)),
    [true, true, true, false],
  )
  assert.equal(candidates.isBanned(newContributor({ host: '1.2.3.4', port: 7 })), true)
  assert.equal(candidates.next(0), nearToo)
})

test('candidates: bounded, and those that fail are replaced', () => {
  const candidates = new Candidates()
  for (let port = 1; port <= MAX_CANDIDATES; port++) candidates.add({ host: '1.2.3.4', port }, 'tracker')
  assert.equal(candidates.add({ host: '9.9.9.9', port: 1 }, 'tracker'), undefined)
  candidates.failed(candidates.add({ host: '1.2.3.4', port: 17 }, 'tracker')!, 0)
  assert.ok(candidates.add({ host: '9.9.9.9', port: 1 }, 'tracker'))
  assert.equal(candidates.size, MAX_CANDIDATES)
})
