import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  MAX_UPLOAD_REQUESTS,
  UploadQueue,
  type UploadRequest,
} from '../../../src/engine/upload/upload-queue.js'

const BLOCK = 16_384

function all(queue: UploadQueue): UploadRequest[] {
  const requests: UploadRequest[] = []
  queue.visit((piece, offset, length) => {
    requests.push({ piece, offset, length })
    return false
  })
  return requests
}

test('requests wait in order, each once, and any of them can be removed', () => {
  const request = fc.record({
    piece: fc.nat({ max: 3 }),
    offset: fc.constantFrom(0, BLOCK, 2 ** 32 - BLOCK),
    length: fc.constantFrom(BLOCK, 100),
  })
  const step = fc.oneof(
    fc.record({ do: fc.constantFrom('push' as const, 'cancel' as const), request }),
    fc.record({ do: fc.constantFrom('shift' as const, 'drop a piece' as const), request }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const queue = new UploadQueue()
      let model: UploadRequest[] = []
      for (const { do: what, request: drawn } of steps) {
        const { piece, offset, length } = drawn
        const request = { piece, offset, length }
        const at = model.findIndex(each => each.piece === piece && each.offset === offset)
        const isSame = at >= 0 && model[at]!.length === length
        if (what === 'push') {
          assert.equal(queue.push(request), at < 0 ? 'queued' : isSame ? 'waits already' : 'refused')
          if (at < 0) model.push(request)
        } else if (what === 'cancel') {
          assert.equal(queue.remove(piece, offset, length), isSame)
          if (isSame) model.splice(at, 1)
        } else if (what === 'shift') {
          assert.equal(queue.shift()?.offset, model.shift()?.offset)
        } else {
          const removed = queue.removeUnless(each => each.piece !== piece)
          assert.equal(removed.length, model.filter(each => each.piece === piece).length)
          model = model.filter(each => each.piece !== piece)
        }
        assert.deepEqual(all(queue), model)
        assert.equal(queue.length, model.length)
      }
    }),
  )
})

test('at most 2,000 requests wait, however short they are', () => {
  const queue = new UploadQueue()
  for (let offset = 0; offset < MAX_UPLOAD_REQUESTS; offset++) {
    assert.equal(queue.push({ piece: 0, offset, length: 1 }), 'queued')
  }
  assert.equal(queue.push({ piece: 1, offset: 0, length: 1 }), 'refused')
  assert.equal(queue.remove(0, MAX_UPLOAD_REQUESTS - 1, 1), true)
  assert.equal(queue.push({ piece: 1, offset: 0, length: 1 }), 'queued')
})

test('`begun` is the piece served last, and how many of its blocks were served in a row', () => {
  const queue = new UploadQueue()
  for (const [piece, offset] of [
    [4, 0],
    [5, 0],
    [5, BLOCK],
  ] as const)
    queue.push({ piece, offset, length: BLOCK })
  assert.equal(queue.begun, undefined)
  for (let i = 0; i < 3; i++) queue.shift()
  assert.deepEqual(queue.begun, { piece: 5, served: 2 })
})
