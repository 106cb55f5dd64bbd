import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { systemCode } from '../../../src/base/errors.js'
import { type AddressLimits, TRACKER_LIMITS, type TrackerLimits } from '../../../src/tracker/limits.js'
import { TrackerServer } from '../../../src/tracker/tracker-server.js'
import { within } from '../../support/deadline.js'

const LOOPBACK = '127.0.0.1'
const GET = 'GET /scrape?info_hash=aaaaaaaaaaaaaaaaaaaa HTTP/1.1\r\nHost: h\r\n\r\n'

function limits(changes: Partial<TrackerLimits>, address: Partial<AddressLimits> = {}): TrackerLimits {
  const loopback = { ...TRACKER_LIMITS.addresses.loopback, ...address }
  return { ...TRACKER_LIMITS, addresses: { ...TRACKER_LIMITS.addresses, loopback }, ...changes }
}

async function withServer(
  limits: TrackerLimits,
  test: (server: TrackerServer) => Promise<void>,
): Promise<void> {
  await using server = await TrackerServer.listen({ port: 0, bind: LOOPBACK, limits })
  await test(server)
}

/** A connection with all that was said on it. */
class Client {
  readonly socket: Socket
  said = ''

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('error', () => socket.destroy())
    socket.on('data', chunk => {
      this.said += String(chunk)
    })
  }

  static async open(server: TrackerServer, localAddress = LOOPBACK): Promise<Client> {
    const client = new Client(connect({ port: server.port, host: LOOPBACK, localAddress }))
    await once(client.socket, 'connect')
    return client
  }

  get answers(): number {
    return this.said.split('HTTP/1.1 ').length - 1
  }

  /** Waits for `count` answers in all. */
  async until(answers: number): Promise<void> {
    while (this.answers < answers && !this.socket.destroyed) {
      await Promise.race([once(this.socket, 'data'), once(this.socket, 'close')])
    }
    assert.ok(this.answers >= answers, this.said)
  }

  /** An error that ends it is as good as an end. */
  async closed(): Promise<void> {
    if (this.socket.closed) return
    await new Promise(resolve => this.socket.once('close', resolve))
  }
}

describe('connections to the tracker', () => {
  it('may carry many requests that were sent at once, and end behind the last', async () => {
    await withServer(TRACKER_LIMITS, async server => {
      const client = await Client.open(server)
      client.socket.end(GET.repeat(500))
      await client.closed()
      assert.equal(client.answers, 500)
    })
  })

  it('may say a request byte by byte', async () => {
    await withServer(TRACKER_LIMITS, async server => {
      const client = await Client.open(server)
      client.socket.setNoDelay(true)
      for (const character of `\r\n${GET}`) {
        await new Promise<void>(resolve => client.socket.write(character, () => resolve()))
      }
      await client.until(1)
      client.socket.destroy()
    })
  })

  it('that are more than an address may have cost it the one that is silent for longest', async () => {
    await withServer(limits({}, { connections: 2 }), async server => {
      const [first, second] = [await Client.open(server), await Client.open(server)]
      first.socket.write(GET)
      await first.until(1)
      const third = await Client.open(server)
      await second.closed()
      for (const client of [first, third]) {
        client.socket.write(GET)
        await client.until(client === first ? 2 : 1)
        client.socket.destroy()
      }
    })
  })

  it('that are more than there are places cost the address that has the most', {
    skip: process.platform === 'darwin' && 'has one loopback address',
  }, async () => {
    await withServer(limits({ connections: 4 }), async server => {
      const honest = await Client.open(server, '127.0.0.2')
      const greedy = [await Client.open(server), await Client.open(server), await Client.open(server)]
      const newcomer = await Client.open(server, '127.0.0.3')
      await greedy[0]?.closed()
      for (const client of [honest, newcomer]) {
        client.socket.write(GET)
        await client.until(1)
      }
      for (const client of [honest, newcomer, ...greedy]) client.socket.destroy()
    })
  })

  it('end with 408 where a request takes too long', async () => {
    await withServer(limits({ requestMs: 100 }), async server => {
      const client = await Client.open(server)
      client.socket.write('GET / HTTP/1.1\r\n')
      await client.closed()
      assert.match(client.said, /^HTTP\/1.1 408 /)
    })
  })

  it('end where no request comes', async () => {
    await withServer(limits({ idleMs: 0 }), async server => {
      const client = await Client.open(server)
      await client.closed()
      assert.equal(client.said, '')
    })
  })

  it('carry one page each, which is large against its request', async () => {
    await withServer(TRACKER_LIMITS, async server => {
      const client = await Client.open(server)
      client.socket.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n'.repeat(1000))
      await client.closed()
      assert.equal(client.answers, 1)
    })
  })

  it('end where answers are not read', async () => {
    await withServer(limits({ answerMs: 100 }), async server => {
      const client = await Client.open(server)
      client.socket.pause()
      const flood = (error?: Error | null) => {
        if (error == null) client.socket.write(GET.repeat(5000), flood)
      }
      flood()
      await client.closed()
    })
  })

  it('carry a refusal with a time to ask again where an address asks too much (BEP 31)', async () => {
    const address = { requestsPerSecond: 1, requestBurst: 3 }
    await withServer(limits({}, address), async server => {
      const client = await Client.open(server)
      client.socket.write(GET.repeat(5))
      await client.until(4)
      assert.match(client.said, /d14:failure reason\d+:too many requests from your address8:retry ini1ee/)
      client.socket.destroy()
      const browser = await Client.open(server)
      browser.socket.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n')
      await browser.until(1)
      assert.match(browser.said, /^HTTP\/1.1 429 /)
      browser.socket.destroy()
    })
  })

  it('are closed at once where an address goes on regardless', async () => {
    const address = { requestsPerSecond: 0.01, requestBurst: 1 }
    await withServer(limits({}, address), async server => {
      const client = await Client.open(server)
      client.socket.write(GET.repeat(2))
      await client.until(2)
      assert.equal(client.said.split('failure').length, 2)
      const flooder = connect(server.port, LOOPBACK)
      const error = new Promise(resolve => flooder.once('error', resolve))
      assert.equal(systemCode(await within(30_000, 'the end of the connection', error)), 'ECONNRESET')
      client.socket.destroy()
    })
  })
})
