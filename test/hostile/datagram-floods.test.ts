// Datagrams of every length for the UDP port, faster than they are read.

import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { it } from 'node:test'
import { SeededRandom } from '../../src/base/random.js'
import { UdpTracker } from '../support/udp-tracker.js'
import { assertServed } from './support/honest-peer.js'
import { attackerHosts } from './support/hosts.js'
import { startSeedVictim } from './support/victim.js'

const HOSTS = 4
const LONGEST = 1500
const A_TURN = 50
/** Each length from each host, at least once. */
const ENOUGH = HOSTS * (LONGEST + 1)

/** Begins as a KRPC message, as each answer of a tracker, as uTP, and as nothing that is known. */
const STARTS = [
  [0x64],
  [0, 0, 0, 0],
  [0, 0, 0, 1],
  [0, 0, 0, 2],
  [0, 0, 0, 3],
  [0x01],
  [0x41],
  [0xff],
] as const

/** Sends without a pause until it is disposed of. */
class DatagramFlood implements AsyncDisposable {
  sent = 0
  readonly #sockets: readonly Socket[]
  readonly #port: number
  readonly #random = new SeededRandom(1)
  #isOver = false

  private constructor(sockets: readonly Socket[], port: number) {
    this.#sockets = sockets
    this.#port = port
    this.#turn()
  }

  static async begin(port: number): Promise<DatagramFlood> {
    const sockets = attackerHosts(HOSTS).map(host => createSocket('udp4').bind(0, host))
    await Promise.all(sockets.map(socket => once(socket, 'listening')))
    return new DatagramFlood(sockets, port)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    await Promise.all(this.#sockets.map(socket => new Promise<void>(resolve => socket.close(resolve))))
  }

  #turn(): void {
    if (this.#isOver) return
    for (let i = 0; i < A_TURN; i++) {
      const socket = this.#sockets[this.sent % this.#sockets.length]
      socket?.send(this.#datagram(Math.floor(this.sent / this.#sockets.length)), this.#port, '127.0.0.1')
      this.sent++
    }
    setImmediate(() => this.#turn())
  }

  #datagram(index: number): Buffer {
    const datagram = Buffer.alloc(index % (LONGEST + 1))
    for (let at = 0; at < datagram.length; at += 16) datagram[at] = this.#random.below(256)
    const start = STARTS[this.#random.below(STARTS.length)] ?? []
    datagram.set(start.slice(0, datagram.length))
    if (start[0] === 0x64 && datagram.length > 1) datagram[datagram.length - 1] = 0x65
    return datagram
  }
}

it('datagrams of every length and kind, without a pause, keep no peer from its blocks and no tracker from being told', async () => {
  await using tracker = await UdpTracker.start()
  await using victim = await startSeedVictim({ args: ['-t', `udp://127.0.0.1:${tracker.port}`] })
  const { from } = await tracker.heard.waitFor('the victim', ({ event }) => event === 'started')
  {
    await using attack = await DatagramFlood.begin(from)
    await assertServed(victim)
    while (attack.sent < ENOUGH) await new Promise(resolve => setImmediate(resolve))
    await victim.assertUnharmed()
  }
  assert.deepEqual(tracker.events, ['IPv4 started 0', 'IPv4 stopped 0'])
})
