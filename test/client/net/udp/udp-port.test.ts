import assert from 'node:assert/strict'
import { createSocket, Socket } from 'node:dgram'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { type DatagramLine, type DatagramUser, UdpPort } from '../../../../src/client/net/udp/udp-port.js'
import { closeUdpSockets, isUdpPortFree, openUdpSockets } from '../../../../src/client/net/udp/udp-sockets.js'
import { Session } from '../../../../src/client/session.js'
import type { PeerAddress } from '../../../../src/protocol/peer-address.js'
import { within } from '../../../support/deadline.js'
import { EventLog } from '../../../support/event-log.js'
import { handles, turns } from '../../support/watch.js'

const LOOPBACK = '127.0.0.1'
const WITHIN_MS = 20_000
const QUEUE_BYTES = 256 * 1024

/** One datagram of each kind. */
const SAMPLES = {
  dht: new TextEncoder().encode('d1:y1:qe'),
  tracker: Uint8Array.of(0, 0, 0, 3, 1, 2, 3, 4, 5),
  utp: Uint8Array.of(0x41, ...new Uint8Array(19)),
} as const

/** Keeps what it gets. */
class ToyUser implements DatagramUser {
  readonly log = new EventLog<{ datagram: Uint8Array; from: PeerAddress }>()

  received(datagram: Uint8Array, from: PeerAddress): void {
    this.log.push({ datagram, from })
  }

  async next(): Promise<{ datagram: Uint8Array; from: PeerAddress }> {
    return await this.log.waitFor('a datagram', () => true)
  }
}

/** Another program that holds a port. */
async function withSocket(
  port: number,
  test: (socket: Socket, port: number) => Promise<void>,
): Promise<void> {
  const socket = createSocket('udp4')
  socket.bind(port, LOOPBACK)
  await once(socket, 'listening')
  try {
    await test(socket, socket.address().port)
  } finally {
    socket.close()
    await once(socket, 'close')
  }
}

async function opened(line: DatagramLine) {
  const opening = await line.open()
  if (opening.type !== 'open') throw new Error(opening.reason)
  return opening
}

describe('the UDP port', () => {
  it('is opened by the first that needs it, on the number of the TCP port', async () => {
    await turns(5)
    const before = handles()
    {
      await using session = await Session.open({ port: 0, bind: LOOPBACK })
      assert.equal(await isUdpPortFree({ port: session.port, bind: LOOPBACK }), true)
      const line = session.udpPort.use('dht', new ToyUser())
      assert.equal(await isUdpPortFree({ port: session.port, bind: LOOPBACK }), true)
      assert.deepEqual(await opened(line), { type: 'open', port: session.port, families: ['ipv4'] })
      assert.equal(await isUdpPortFree({ port: session.port, bind: LOOPBACK }), false)
    }
    await turns(5)
    assert.deepEqual(handles(), before)
  })

  it('has one socket for each family on one number, where no address is given', async () => {
    await using port = new UdpPort({ port: 0, bind: undefined })
    const line = port.use('dht', new ToyUser())
    const [first, second] = await Promise.all([1, 2].map(() => opened(line)))
    assert.deepEqual(first?.families, ['ipv4', 'ipv6'])
    assert.deepEqual(second, first)
  })

  it('gives each protocol its datagrams, with their sender, over both families', async () => {
    await using port = new UdpPort({ port: 0, bind: undefined })
    const users = { dht: new ToyUser(), tracker: new ToyUser(), utp: new ToyUser() }
    port.use('dht', users.dht)
    port.use('tracker', users.tracker)
    const { port: number } = await opened(port.use('utp', users.utp))

    for (const [bind, type] of [
      [LOOPBACK, 'udp4'],
      ['::1', 'udp6'],
    ] as const) {
      await using other = new UdpPort({ port: 0, bind })
      const line = other.use('dht', new ToyUser())
      const { port: from } = await opened(line)
      for (const [kind, sample] of Object.entries(SAMPLES)) {
        assert.equal(line.send(sample, { host: bind, port: number }), 'sent')
        const { log } = users[kind as keyof typeof users]
        const got = await log.waitFor(`${kind} over ${type}`, ({ from }) => from.host === bind)
        assert.deepEqual(got, { datagram: Buffer.from(sample), from: { host: bind, port: from } })
      }
    }
  })

  it('counts datagrams that no protocol takes, and goes on', async () => {
    await using port = new UdpPort({ port: 0, bind: LOOPBACK })
    const user = new ToyUser()
    const { port: number } = await opened(port.use('dht', user))
    await withSocket(0, async socket => {
      for (const datagram of [Uint8Array.of(9), new Uint8Array(0), SAMPLES.utp, new Uint8Array(30_000)]) {
        socket.send(datagram, number, LOOPBACK)
      }
      socket.send(SAMPLES.dht, number, LOOPBACK)
      await user.next()
    })
    const counts = (['unknown', 'unused', 'too-large'] as const).map(reason => port.dropped.of(reason))
    assert.deepEqual(counts, [2, 1, 1])
    assert.equal(`${port.dropped}`, 'unknown 2, unused 1, too-large 1')
  })

  it('leaves turns to everything else while a flood comes in', async () => {
    const COUNT = 2_000
    await using port = new UdpPort({ port: 0, bind: LOOPBACK })
    let inTurn = 0
    let most = 0
    let all = 0
    const user = {
      received(): void {
        all++
        inTurn++
        most = Math.max(most, inTurn)
      },
    }
    const { port: number } = await opened(port.use('dht', user))
    await withSocket(0, async socket => {
      for (let i = 0; i < COUNT; i++) socket.send(SAMPLES.dht, number, LOOPBACK)
      // On loopback what the receiver's buffer holds has arrived once it was sent.
      for (let silent = 0; silent < 100; silent++) {
        inTurn = 0
        const before = all
        await turns(1)
        if (all > before) silent = 0
      }
    })
    assert.ok(all > 100, `${all} of ${COUNT} came`)
    assert.ok(most <= 32, `${most} in one turn`)
  })

  it('sends nothing that is too long, or that no socket of it can reach', async () => {
    await using port = new UdpPort({ port: 0, bind: LOOPBACK })
    const line = port.use('dht', new ToyUser())
    await opened(line)
    assert.equal(line.send(new Uint8Array(20_001), { host: LOOPBACK, port: 9 }), 'too-large')
    assert.equal(line.send(SAMPLES.dht, { host: '::1', port: 9 }), 'no-family')
    assert.equal(port.dropped.of('no-family'), 1)
  })

  it('drops what the queue of a socket has no room for, and counts it', async t => {
    await using port = new UdpPort({ port: 0, bind: LOOPBACK })
    const user = new ToyUser()
    const line = port.use('dht', user)
    const { port: number } = await opened(line)
    const address = { host: LOOPBACK, port: number }
    // As where the system takes nothing for a while.
    const queue = t.mock.method(Socket.prototype, 'getSendQueueSize', () => QUEUE_BYTES - SAMPLES.dht.length)
    assert.equal(line.send(SAMPLES.dht, address), 'sent')
    assert.equal(line.send(new Uint8Array(SAMPLES.dht.length + 1), address), 'full')
    assert.equal(port.dropped.of('full'), 1)
    queue.mock.restore()
    assert.equal(line.send(SAMPLES.dht, address), 'sent')
    await user.log.waitFor('the second', () => true, { after: 1 })
  })

  it('tells what the system refuses to send, and goes on', async () => {
    await using port = new UdpPort({ port: 0, bind: LOOPBACK })
    const user = new ToyUser()
    const line = port.use('dht', user)
    const { port: number } = await opened(line)
    // A socket may broadcast only where it has asked for that.
    const failure = new Promise<Error>(resolve =>
      line.send(SAMPLES.dht, { host: '127.255.255.255', port: 9 }, resolve),
    )
    const error = await within(WITHIN_MS, 'a failure', failure)
    assert.ok('code' in error, `${error}`)
    assert.equal(port.dropped.of('failed'), 1)
    line.send(SAMPLES.dht, { host: LOOPBACK, port: number })
    assert.equal((await user.next()).from.port, number)
  })

  it('survives the news that no program listens where it has sent to', async () => {
    await using port = new UdpPort({ port: 0, bind: LOOPBACK })
    const user = new ToyUser()
    const line = port.use('dht', user)
    const { port: number } = await opened(line)
    let closed = 0
    await withSocket(0, async (_, port) => {
      closed = port
    })
    for (let i = 0; i < 5; i++) line.send(SAMPLES.dht, { host: LOOPBACK, port: closed })
    await turns(5)
    line.send(SAMPLES.dht, { host: LOOPBACK, port: number })
    await user.next()
  })

  it('is on another number where a program has that of the TCP port', async () => {
    await withSocket(0, async (_, taken) => {
      await using port = new UdpPort({ port: taken, bind: LOOPBACK })
      const opening = await opened(port.use('dht', new ToyUser()))
      assert.notEqual(opening.port, taken)
    })
  })

  it('is none where no socket can be had, which is told and tried again', async () => {
    await using port = new UdpPort({ port: 0, bind: '192.0.2.1' })
    const line = port.use('dht', new ToyUser())
    const expected = { type: 'unavailable', reason: '192.0.2.1:0: not an address of this machine' }
    assert.deepEqual(await line.open(), expected)
    assert.deepEqual(await line.open(), expected)
    assert.equal(line.send(SAMPLES.dht, { host: LOOPBACK, port: 9 }), 'no-family')
  })

  it('has one user of each kind', async () => {
    await using port = new UdpPort({ port: 0, bind: LOOPBACK })
    port.use('dht', new ToyUser())
    assert.throws(() => port.use('dht', new ToyUser()), /have a user already/)
  })

  it('leaves nothing open when it is closed, even while it opens', async () => {
    await turns(5)
    const before = handles()
    const port = new UdpPort({ port: 0, bind: undefined })
    const line = port.use('dht', new ToyUser())
    const opening = line.open()
    await port[Symbol.asyncDispose]()
    assert.equal((await opening).type, 'unavailable')
    assert.equal((await line.open()).type, 'unavailable')
    assert.equal(line.send(SAMPLES.dht, { host: LOOPBACK, port: 9 }), 'no-family')
    await turns(5)
    assert.deepEqual(handles(), before)
  })
})

describe('the sockets of a UDP port', () => {
  it('share a number, or there are none', async () => {
    const blocker = await openUdpSockets({ port: 0, bind: '::1' })
    try {
      const port = blocker[0]?.port ?? 0
      assert.equal(await isUdpPortFree({ port, bind: undefined }), false)
      assert.equal(await isUdpPortFree({ port, bind: LOOPBACK }), true)
      await assert.rejects(openUdpSockets({ port, bind: undefined }), { code: 'port-in-use' })
    } finally {
      await closeUdpSockets(blocker)
    }
  })
})
