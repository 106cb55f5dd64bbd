import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { AnnounceTurns } from '../../../src/discovery/lsd/announce-turns.js'

const MINUTE = 60_000

function hash(number: number): Uint8Array {
  const bytes = new Uint8Array(20)
  new DataView(bytes.buffer).setUint32(0, number)
  return bytes
}

function numbers(infoHashes: readonly Uint8Array[]): number[] {
  return infoHashes.map(bytes => new DataView(bytes.buffer).getUint32(0))
}

describe('turns of local announces', () => {
  it('announce at once, again after a minute, and then every five minutes', () => {
    const turns = new AnnounceTurns()
    assert.equal(turns.dueAt, Number.POSITIVE_INFINITY)
    turns.add(hash(1), 1_000)
    const times: number[] = []
    while (times.length < 5) {
      times.push(turns.dueAt - 1_000)
      assert.deepEqual(numbers(turns.take(turns.dueAt)), [1])
    }
    assert.deepEqual(times, [0, MINUTE, 6 * MINUTE, 11 * MINUTE, 16 * MINUTE])
  })

  it('are a minute apart, whatever is added meanwhile', () => {
    const turns = new AnnounceTurns()
    turns.add(hash(1), 0)
    assert.deepEqual(numbers(turns.take(0)), [1])
    turns.add(hash(2), 10)
    assert.deepEqual(turns.take(MINUTE - 1), [])
    assert.equal(turns.dueAt, MINUTE)
    assert.deepEqual(numbers(turns.take(MINUTE)), [2, 1])
  })

  it('take all that are due into one announce, another one first each time', () => {
    const turns = new AnnounceTurns()
    for (const number of [1, 2, 3]) turns.add(hash(number), 0)
    assert.deepEqual(numbers(turns.take(0)), [1, 2, 3])
    assert.deepEqual(numbers(turns.take(MINUTE)), [2, 3, 1])
    assert.deepEqual(numbers(turns.take(6 * MINUTE)), [3, 1, 2])
  })

  it('are shared by more torrents than fit', () => {
    const turns = new AnnounceTurns()
    for (let number = 0; number < 60; number++) turns.add(hash(number), 0)
    const announced = [0, 1, 2].flatMap(minute => numbers(turns.take(minute * MINUTE)))
    assert.deepEqual(new Set(announced).size, 60)
    // Each has its turn again, and none is left out for long.
    const counts = new Map<number, number>()
    for (let minute = 3; minute < 63; minute++)
      for (const number of numbers(turns.take(minute * MINUTE)))
        counts.set(number, (counts.get(number) ?? 0) + 1)
    assert.equal(counts.size, 60)
    for (const [number, count] of counts) assert.ok(count >= 11 && count <= 14, `${number}: ${count} times`)
  })

  it('leave out torrents that are gone', () => {
    const turns = new AnnounceTurns()
    for (const number of [1, 2]) turns.add(hash(number), 0)
    turns.take(0)
    turns.delete(hash(1))
    assert.deepEqual(numbers(turns.take(MINUTE)), [2])
    turns.delete(hash(2))
    assert.equal(turns.dueAt, Number.POSITIVE_INFINITY)
  })

  it('begin anew for another network, no sooner than a minute after the last announce', () => {
    const turns = new AnnounceTurns()
    turns.add(hash(1), 0)
    turns.take(0)
    turns.take(MINUTE)
    turns.restart(MINUTE + 1)
    assert.equal(turns.dueAt, 2 * MINUTE)
    assert.deepEqual(numbers(turns.take(2 * MINUTE)), [1])
    assert.equal(turns.dueAt, 3 * MINUTE)
  })
})
