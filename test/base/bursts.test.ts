import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inBursts } from '../../src/base/bursts.js'

async function all<Item>(items: Iterable<Item> | AsyncIterable<Item>): Promise<(readonly Item[])[]> {
  const bursts: (readonly Item[])[] = []
  for await (const burst of inBursts(items)) bursts.push(burst)
  return bursts
}

describe('items in bursts', () => {
  it('are the first alone, and the others together', async () => {
    assert.deepEqual(await all([]), [])
    assert.deepEqual(await all([1]), [[1]])
    assert.deepEqual(await all([1, 2, 3, 4]), [[1], [2, 3, 4]])
  })

  it('end with a pause, so that nothing waits for an item that does not come', async () => {
    let release = (): void => {}
    const released = new Promise<void>(resolve => {
      release = resolve
    })
    async function* items() {
      yield* [1, 2, 3]
      await released
      yield* [4, 5]
    }
    const bursts: (readonly number[])[] = []
    for await (const burst of inBursts(items())) {
      bursts.push(burst)
      // Only a burst that was handed on lets the next item come.
      if (bursts.length === 2) release()
    }
    assert.deepEqual(bursts, [[1], [2, 3], [4, 5]])
  })

  it('fail as their source does', async () => {
    async function* items() {
      yield* [1, 2]
      throw new Error('broken')
    }
    await assert.rejects(all(items()), /broken/)
  })

  it('ask for no second item while the first is in hand', async () => {
    let isOver = false
    function* items() {
      try {
        yield 1
        yield assert.fail('asked for another')
      } finally {
        isOver = true
      }
    }
    for await (const _ of inBursts(items())) break
    assert.ok(isOver)
  })
})
