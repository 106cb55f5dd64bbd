import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TrackerError } from '../../../src/discovery/tracker-error.js'
import type { AnnounceSuccess } from '../../../src/protocol/tracker/announce-response.js'
import { leecher } from '../fake-tracker.js'
import { settled } from '../virtual-clock.js'
import { answerTo, MemoryLine, numbers, refusalOf, works } from './memory-line.js'

const HOST = '192.0.2.9:80'
const URL = `udp://${HOST}/announce?key=1`

const never = new AbortController().signal

/** An announce, and what came of it. */
function announce(line: MemoryLine, url = URL, options: { signal?: AbortSignal; family?: 4 | 6 } = {}) {
  const outcome: { answer?: AnnounceSuccess; error?: unknown } = {}
  const done = line.trackers.announce(url, leecher(), { signal: never, ...options }).then(
    answer => {
      outcome.answer = answer
    },
    error => {
      outcome.error = error
    },
  )
  return { outcome, done }
}

async function failure(line: MemoryLine, url = URL): Promise<TrackerError> {
  const { outcome, done } = announce(line, url)
  await line.clock.advance(120_000)
  await done
  assert.ok(outcome.error instanceof TrackerError, `${outcome.error}`)
  return outcome.error
}

describe('an announce to a UDP tracker', () => {
  it('fails at once where the port of the tracker is closed', async () => {
    const probed: string[] = []
    const line = new MemoryLine({
      probe: (to, _, onClosed) => {
        probed.push(`${to.host}:${to.port}`)
        onClosed(Object.assign(new Error('read ECONNREFUSED'), { code: 'ECONNREFUSED' }))
        return { [Symbol.dispose]: () => {} }
      },
    })
    const { outcome, done } = announce(line)
    await line.clock.advance(1_000)
    await done
    assert.deepEqual(probed, [HOST])
    assert.ok(outcome.error instanceof TrackerError)
    assert.match(outcome.error.message, /connection refused$/)
  })

  it('connects first, and brings the peers and the counts of the swarm', async () => {
    const line = new MemoryLine()
    line.behaviours.set(HOST, works())
    const { outcome, done } = announce(line)
    await done
    assert.deepEqual(outcome.answer, {
      type: 'success',
      interval: 1800,
      minInterval: undefined,
      complete: 3,
      incomplete: 2,
      trackerId: undefined,
      warning: undefined,
      externalHost: undefined,
      peers: [{ host: '192.0.2.1', port: 6881 }],
      namedPeers: [],
    })
    assert.deepEqual(
      line.sent.map(({ action, connectionId }) => [action, connectionId]),
      [
        [0, '0000041727101980'],
        [1, '0000005100000001'],
      ],
    )
    assert.equal(line.sent[1]?.datagram.toString('latin1', 98), '\x02\x0f/announce?key=1')
    assert.equal(line.clock.pending, 0)
  })

  it('and a scrape share a connection', async () => {
    const line = new MemoryLine()
    line.behaviours.set(HOST, works())
    await announce(line).done
    const infoHashes = [new Uint8Array(20).fill(1), new Uint8Array(20).fill(2)]
    const swarms = await line.trackers.scrape(URL, infoHashes, { signal: never })
    // It answers for the first of them alone.
    assert.deepEqual(swarms, [{ seeders: 5, downloads: 6, leechers: 7 }, undefined])
    assert.deepEqual(line.timesTo(HOST), ['0 connect', '0 announce', '0 scrape'])
    assert.equal(line.sent[2]?.datagram.toString('hex', 16), '01'.repeat(20) + '02'.repeat(20))
  })

  it('is sent again after 5 and 10 s more, and given up 20 s after that', async () => {
    const line = new MemoryLine()
    const error = await failure(line)
    assert.deepEqual(
      [error.code, error.message],
      ['timeout', `udp://${HOST}/announce?key=***: it does not answer`],
    )
    assert.deepEqual(line.timesTo(HOST), ['0 connect', '5 connect', '15 connect'])
    assert.equal(line.clock.pending, 0)
  })

  it('is answered by whichever sending the answer is for', async () => {
    const line = new MemoryLine()
    let announces = 0
    line.behaviours.set(HOST, sent => (sent.action === 0 || ++announces === 3 ? works()(sent) : []))
    const { outcome, done } = announce(line)
    await line.clock.advance(20_000)
    await done
    assert.equal(outcome.answer?.peers.length, 1)
    assert.deepEqual(line.timesTo(HOST), ['0 connect', '0 announce', '5 announce', '15 announce'])
    assert.equal(
      new Set(line.sent.filter(({ action }) => action === 1).map(({ transactionId }) => transactionId)).size,
      1,
    )
  })

  it('shares the connection with others of the same tracker, for 60 s', async () => {
    const line = new MemoryLine()
    line.behaviours.set(HOST, works())
    const first = [announce(line), announce(line, `udp://${HOST}`), announce(line)]
    await Promise.all(first.map(({ done }) => done))
    await line.clock.advance(59_999)
    await announce(line).done
    await line.clock.advance(1)
    await announce(line).done
    assert.deepEqual(line.timesTo(HOST), [
      ...['0 connect', '0 announce', '0 announce', '0 announce'],
      ...['60 announce', '60 connect', '60 announce'],
    ])
  })

  it('connects again while it waits, once its connection is 60 s old', async () => {
    const line = new MemoryLine()
    let isDeaf = false
    line.behaviours.set(HOST, sent => (isDeaf && sent.action === 1 ? [] : works()(sent)))
    await announce(line).done
    await line.clock.advance(50_000)
    isDeaf = true
    const { done } = announce(line)
    await line.clock.advance(60_000)
    await done
    // A connection of before is doubted after the first silence.
    assert.deepEqual(line.timesTo(HOST), [
      ...['0 connect', '0 announce', '50 announce', '55 connect', '55 announce', '65 announce'],
    ])
  })

  it('connects again where the tracker has forgotten the connection, and says nothing of it', async () => {
    const line = new MemoryLine()
    let valid = '0000005100000001'
    const tracker = works()
    line.behaviours.set(HOST, sent =>
      sent.action === 1 && sent.connectionId !== valid
        ? [refusalOf(sent, 'Connection ID mismatch')]
        : tracker(sent),
    )
    await announce(line).done
    valid = '0000005100000002'
    const { outcome, done } = announce(line)
    await done
    assert.equal(outcome.answer?.peers.length, 2)
    assert.deepEqual(line.timesTo(HOST).slice(2), ['0 announce', '0 connect', '0 announce'])
  })

  it('says what the tracker refuses in its own words, safe to show', async () => {
    const line = new MemoryLine()
    line.behaviours.set(HOST, sent =>
      sent.action === 0 ? works()(sent) : [refusalOf(sent, 'unknown\x1b[2Jtorrent\u202e\n')],
    )
    const error = await failure(line)
    assert.deepEqual([error.code, error.facts.reason], ['failure', 'refused: unknown [2Jtorrent'])
    assert.deepEqual(line.timesTo(HOST), ['0 connect', '0 announce'])
  })

  it('says the refusal of a connection', async () => {
    const line = new MemoryLine()
    line.behaviours.set(HOST, sent => [refusalOf(sent, '')])
    assert.equal((await failure(line)).facts.reason, 'refused: no reason given')
  })

  it('takes no answer from another address, of another transaction or to another request', async () => {
    const line = new MemoryLine()
    const { outcome, done } = announce(line)
    await settled()
    const [connect] = line.sent
    assert.ok(connect)
    const right = answerTo(connect, numbers(1, 2))
    line.receive(right, '192.0.2.9:81')
    line.receive(right, '192.0.2.8:80')
    line.receive(right, '[::1]:80')
    line.receive(answerTo({ ...connect, transactionId: 99 }, numbers(1, 2)), HOST)
    line.receive(answerTo({ ...connect, action: 1 }, numbers(1, 2, 3)), HOST)
    line.receive(answerTo({ ...connect, action: 4 }, numbers(1, 2)), HOST)
    for (let length = 0; length < right.length; length++) line.receive(right.subarray(0, length), HOST)
    await settled()
    assert.equal(line.sent.length, 1)
    await line.clock.advance(40_000)
    await done
    assert.ok(outcome.error instanceof TrackerError && outcome.error.code === 'malformed', `${outcome.error}`)
  })

  it('takes no answer to a request that is over', async () => {
    const line = new MemoryLine()
    line.behaviours.set(HOST, works())
    await announce(line).done
    for (const sent of line.sent) line.receive(answerTo(sent, numbers(1, 2, 3, 4)), HOST)
    assert.equal(line.sent.length, 2)
  })

  it('ends at once when it is cancelled, and the connection goes on for others', async () => {
    const line = new MemoryLine()
    const controller = new AbortController()
    const cancelled = announce(line, URL, { signal: controller.signal })
    const other = announce(line)
    await settled()
    const reason = new Error('enough')
    controller.abort(reason)
    await cancelled.done
    assert.equal(cancelled.outcome.error, reason)
    line.behaviours.set(HOST, works())
    await line.clock.advance(5_000)
    await other.done
    assert.ok(other.outcome.answer)
  })

  it('leaves no timer when the session ends', async () => {
    const line = new MemoryLine()
    const controller = new AbortController()
    const { done } = announce(line, URL, { signal: controller.signal })
    await settled()
    controller.abort(new Error('enough'))
    line.trackers[Symbol.dispose]()
    await done
    await settled()
    assert.equal(line.clock.pending, 0)
  })

  it('fails where there is no UDP port, and where the system does not send', async () => {
    const line = new MemoryLine()
    line.unavailable = 'port 6881: another program listens there'
    const none = await failure(line)
    assert.equal(none.code, 'no-udp-port')
    assert.match(none.message, /no UDP port for us: port 6881: another program listens there$/)
    line.unavailable = undefined
    line.failure = Object.assign(new Error('send ENETUNREACH'), { code: 'ENETUNREACH' })
    const unreachable = await failure(line)
    assert.deepEqual([unreachable.code, unreachable.facts.reason], ['unreachable', 'no route to its network'])
  })

  for (const url of [
    'udp://tracker.example',
    'udp://tracker.example:0',
    'udp://:80',
    `udp://a:80/${'x'.repeat(1020)}`,
  ]) {
    it(`is not made to ${url.slice(0, 30)}, for good`, async () => {
      const line = new MemoryLine()
      assert.equal((await failure(line, url)).code, 'unsupported-scheme')
      assert.deepEqual([line.sent, line.lookedUp], [[], []])
    })
  }
})

describe('the host of a UDP tracker', () => {
  const NAMED = 'udp://tracker.example:80'

  it('is looked up once for all, and again after 60 s', async () => {
    const line = new MemoryLine()
    line.names.set('tracker.example', ['192.0.2.9'])
    line.behaviours.set(HOST, works())
    await Promise.all([announce(line, NAMED), announce(line, NAMED)].map(({ done }) => done))
    await line.clock.advance(59_999)
    await announce(line, NAMED).done
    assert.equal(line.lookedUp.length, 1)
    await line.clock.advance(1)
    await announce(line, NAMED).done
    assert.equal(line.lookedUp.length, 2)
  })

  it('is asked over the family that is wanted, with peers of that family', async () => {
    const line = new MemoryLine()
    line.names.set('tracker.example', ['192.0.2.9', '2001:db8::9'])
    const peer = Buffer.from('20010db8000000000000000000000007' + '1ae1', 'hex')
    line.behaviours.set('[2001:db8::9]:80', sent =>
      sent.action === 0 ? works()(sent) : [answerTo(sent, Buffer.concat([numbers(60, 1, 1), peer]))],
    )
    const { outcome, done } = announce(line, NAMED, { family: 6 })
    await done
    assert.deepEqual(outcome.answer?.peers, [{ host: '2001:db8::7', port: 6881 }])
    assert.deepEqual(line.timesTo(HOST), [])
  })

  it('has no address of a family that it, or this machine, does not speak', async () => {
    const line = new MemoryLine()
    line.names.set('tracker.example', ['192.0.2.9'])
    line.families = ['ipv6']
    const error = await failure(line, NAMED)
    assert.deepEqual([error.code, error.facts.reason], ['unreachable', 'no such host'])
    assert.equal((error.cause as { code?: string }).code, 'ENOTFOUND')
    assert.equal((await failure(line)).facts.reason, 'this machine does not speak its address family')
  })

  it('is asked at its next address where one does not answer', async () => {
    const line = new MemoryLine()
    line.names.set('tracker.example', ['192.0.2.1', '192.0.2.9'])
    line.behaviours.set(HOST, works())
    assert.equal((await failure(line, NAMED)).code, 'timeout')
    const { outcome } = announce(line, NAMED)
    await settled()
    assert.ok(outcome.answer)
  })

  it('is not found, which is no secret and not kept', async () => {
    const line = new MemoryLine()
    assert.equal((await failure(line, NAMED)).message, 'udp://tracker.example:80: no such host')
    line.names.set('tracker.example', ['192.0.2.9'])
    line.behaviours.set(HOST, works())
    const { outcome } = announce(line, NAMED)
    await settled()
    assert.ok(outcome.answer)
  })

  it('is given up where the name server says nothing for 15 s', async () => {
    const line = new MemoryLine({ lookUp: () => new Promise(() => {}) })
    const { outcome } = announce(line, NAMED)
    await line.clock.advance(15_000)
    await settled()
    assert.match(`${outcome.error}`, /the name server does not answer/)
    assert.equal(line.clock.pending, 0)
  })
})
