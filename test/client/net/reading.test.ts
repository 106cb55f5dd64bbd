import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ReadTurns } from '../../../src/client/net/read-turns.js'
import { Reading } from '../../../src/client/net/reading.js'
import { turns } from '../support/watch.js'

const KIB = 1_024
const MIB = 2 ** 20

function connection(readTurns: ReadTurns) {
  const socket = {
    waitingBytes: 0,
    readLength: 0,
    isPaused: false,
    pause: () => {
      socket.isPaused = true
    },
    resume: () => {
      socket.isPaused = false
    },
  }
  const decoder = { isWaiting: false, messageCount: 0 }
  const reading = new Reading(socket, decoder, readTurns)
  return {
    socket,
    reading,
    /** Bytes arrive, with `messages` messages. */
    hear: (bytes: number, messages: number, ms = 0) => {
      decoder.messageCount += messages
      reading.count(bytes, ms)
    },
  }
}

describe('a connection', () => {
  it('is read no further in a turn in which it has sent thousands of small messages', async () => {
    const { socket, hear } = connection(new ReadTurns())
    hear(16 * KIB, 3_000)
    assert.ok(socket.isPaused)
    await turns(2)
    assert.ok(!socket.isPaused)
  })

  it('may send 2 MiB of blocks in a turn', async () => {
    const { socket, hear } = connection(new ReadTurns())
    for (let i = 0; i < 7; i++) hear(256 * KIB, 16)
    assert.ok(!socket.isPaused)
    await turns(2)
    for (let i = 0; i < 7; i++) hear(256 * KIB, 16)
    assert.ok(!socket.isPaused)
    hear(256 * KIB, 16)
    assert.ok(socket.isPaused)
  })

  it('is read no further in a turn in which its messages took long, whatever they were', () => {
    const { socket, hear } = connection(new ReadTurns())
    hear(100, 1, 5)
    assert.ok(socket.isPaused)
  })

  it('is read in small parts while it sends small messages', () => {
    const { socket, hear } = connection(new ReadTurns())
    hear(256 * KIB, 16)
    assert.equal(socket.readLength, 256 * KIB)
    hear(16 * KIB, 100)
    assert.equal(socket.readLength, 16 * KIB)
  })

  it('that has ended takes no turn', async () => {
    const { socket, reading, hear } = connection(new ReadTurns())
    hear(2 * MIB, 1)
    reading.close()
    await turns(3)
    assert.ok(socket.isPaused)
  })
})

it('connections that have had their turns go on a few at a time, in the order in which they came', async () => {
  const readTurns = new ReadTurns()
  const crowd = Array.from({ length: 10 }, () => connection(readTurns))
  for (const { hear } of crowd) hear(2 * MIB, 1)
  const states: boolean[][] = []
  for (let turn = 0; turn < 4; turn++) {
    states.push(crowd.map(({ socket }) => socket.isPaused))
    await new Promise(resolve => setImmediate(resolve))
  }
  states.push(crowd.map(({ socket }) => socket.isPaused))
  assert.deepEqual(states.at(-1), Array(10).fill(false))
  const counts = new Set(states.map(paused => paused.filter(isPaused => isPaused).length))
  assert.deepEqual([...counts], [10, 6, 2, 0])
  for (const paused of states)
    assert.deepEqual(
      paused,
      paused.toSorted((a, b) => Number(a) - Number(b)),
    )
})
