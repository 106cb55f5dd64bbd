import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Downlink } from '../../src/sim/net/downlink.js'
import { type Sender, Uplink } from '../../src/sim/net/uplink.js'
import { EventQueue } from '../../src/sim/time/event-queue.js'
import { Disk, FAST_DISK } from '../../src/sim/world/disk.js'

const BLOCK = 16_384

/** Blocks of one connection, and when each has left. */
class Blocks implements Sender {
  isInLine = false
  readonly leftAt: number[] = []
  readonly #queue: EventQueue
  #waiting: number

  constructor(queue: EventQueue, count: number) {
    this.#queue = queue
    this.#waiting = count
  }

  beginBlock(): number {
    return this.#waiting === 0 ? 0 : BLOCK
  }

  endBlock(): void {
    this.#waiting--
    this.leftAt.push(this.#queue.now)
  }
}

const runAll = (queue: EventQueue) => {
  while (queue.runNext());
}

test('connections take turns on an uplink, a block each', () => {
  const queue = new EventQueue()
  // A block takes 100 ms.
  const uplink = new Uplink(10 * BLOCK, queue, { read: () => 0 })
  const long = new Blocks(queue, 4)
  const short = new Blocks(queue, 2)
  uplink.wake(long)
  uplink.wake(short)
  runAll(queue)
  assert.deepEqual(long.leftAt, [100, 300, 500, 600])
  assert.deepEqual(short.leftAt, [200, 400])
})

test('a block leaves no sooner than it is read', () => {
  const queue = new EventQueue()
  // The disk reads a block in 250 ms, and the line would carry it in 100.
  const disk = new Disk({ ...FAST_DISK, bytesPerSecond: 4 * BLOCK }, queue)
  const uplink = new Uplink(10 * BLOCK, queue, disk)
  const blocks = new Blocks(queue, 3)
  uplink.wake(blocks)
  runAll(queue)
  assert.deepEqual(blocks.leftAt, [250, 500, 750])
})

/** When blocks are delivered that arrive at these times, and took `sentMs` to send. */
function deliveries(arrivals: readonly number[], sentMs: number, bytesPerSecond: number): number[] {
  const queue = new EventQueue()
  const downlink = new Downlink(bytesPerSecond, queue, () => 0)
  const times: number[] = []
  const receiver = { deliverBlock: () => void times.push(queue.now) }
  for (const at of arrivals) queue.plan(at, { run: () => downlink.arrive(receiver, BLOCK, sentMs) })
  runAll(queue)
  return times
}

test('a line as fast as its sender adds nothing to the time that a block takes', () => {
  assert.deepEqual(deliveries([100, 200, 300], 100, 10 * BLOCK), [100, 200, 300])
})

test('blocks that come too fast for a downlink leave it at its own rate', () => {
  // Each takes 100 ms on this line, and came within 10 ms: the first began at 90.
  assert.deepEqual(deliveries([100, 110, 120], 10, 10 * BLOCK), [190, 290, 390])
})

test('blocks of several senders share a downlink', () => {
  // Two senders, each half as fast as the line, fill it; a third must wait.
  assert.deepEqual(deliveries([200, 200, 200], 200, 10 * BLOCK), [200, 200, 300])
})

test('nothing more is received while too much waits for the disk', () => {
  const queue = new EventQueue()
  const disk = new Disk({ ...FAST_DISK, bytesPerSecond: 2 ** 20 }, queue)
  // A second of work for each mebibyte, of which 32 may wait.
  disk.write(33 * 2 ** 20)
  assert.equal(disk.roomAt, 1_000)
  const downlink = new Downlink(1e9, queue, () => disk.roomAt)
  const times: number[] = []
  downlink.arrive({ deliverBlock: () => void times.push(queue.now) }, BLOCK, 0)
  runAll(queue)
  assert.deepEqual(times, [1_000])
})

test('a disk is full when more was written than it holds', () => {
  const disk = new Disk({ ...FAST_DISK, capacityBytes: 2 * BLOCK }, new EventQueue())
  disk.write(BLOCK)
  disk.write(BLOCK)
  assert.equal(disk.isFull, false)
  disk.write(1)
  assert.equal(disk.isFull, true)
})
