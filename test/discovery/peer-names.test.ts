import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { LookUp } from '../../src/discovery/name-lookup.js'
import { MAX_NAMED_PEERS } from '../../src/protocol/tracker/announce-response.js'
import { ScriptedTrackers, works } from './scripted-trackers.js'
import { settled } from './virtual-clock.js'

/** Names that answer when a test says so. */
class ScriptedNames {
  readonly asked: string[] = []
  readonly signals: AbortSignal[] = []
  readonly #waiting = new Map<string, PromiseWithResolvers<readonly string[]>>()

  readonly lookUp: LookUp = (name, signal) => {
    this.asked.push(name)
    this.signals.push(signal)
    const answer = withResolvers<readonly string[]>()
    this.#waiting.set(name, answer)
    return answer.promise
  }

  async answer(name: string, hosts: readonly string[]): Promise<void> {
    this.#waiting.get(name)?.resolve(hosts)
    await settled()
  }

  async fail(name: string): Promise<void> {
    this.#waiting.get(name)?.reject(new Error('ENOTFOUND'))
    await settled()
  }
}

interface PromiseWithResolvers<Value> {
  readonly promise: Promise<Value>
  resolve(value: Value): void
  reject(reason: unknown): void
}

function withResolvers<Value>(): PromiseWithResolvers<Value> {
  let resolve: (value: Value) => void = () => {}
  let reject: (reason: unknown) => void = () => {}
  const promise = new Promise<Value>((fulfil, refuse) => {
    resolve = fulfil
    reject = refuse
  })
  return { promise, resolve, reject }
}

function setUp(names: readonly string[]) {
  const trackers = new ScriptedTrackers()
  const dns = new ScriptedNames()
  const peers = [{ host: '192.0.2.1', port: 1 }]
  const namedPeers = names.map(name => ({ name, port: 6881 }))
  trackers.behaviours.set('a', works({ peers, namedPeers }))
  const announcer = trackers.announcer([['a']], { lookUp: dns.lookUp })
  announcer.start()
  return { trackers, dns, announcer, found: () => trackers.peers.slice(1).map(({ peers }) => peers) }
}

describe('peers that a tracker lists by name', () => {
  it('are looked up, while those with an address are not kept waiting', async () => {
    const { trackers, dns, found } = setUp(['x.example', 'y.example'])
    await settled()
    assert.deepEqual(trackers.peers[0], { peers: [{ host: '192.0.2.1', port: 1 }], url: 'a' })
    assert.deepEqual(dns.asked, ['x.example', 'y.example'])
    await dns.answer('y.example', ['192.0.2.7', '2001:DB8::7'])
    assert.deepEqual(found(), [
      [
        { host: '192.0.2.7', port: 6881 },
        { host: '2001:db8::7', port: 6881 },
      ],
    ])
  })

  it('are checked like any other address, and few are taken of one name', async () => {
    const { dns, found } = setUp(['x.example'])
    await settled()
    await dns.answer('x.example', ['0.0.0.0', '::', 'nonsense', '192.0.2.7', '192.0.2.8', '192.0.2.9'])
    assert.deepEqual(found(), [[{ host: '192.0.2.7', port: 6881 }]])
  })

  it('that do not exist are no failure of the tracker', async () => {
    const { trackers, dns, found } = setUp(['x.example', 'y.example'])
    await settled()
    await dns.fail('x.example')
    await dns.answer('y.example', [])
    assert.deepEqual([found(), trackers.warnings], [[], []])
  })

  it('are few of each answer', async () => {
    const { dns } = setUp(Array.from({ length: 100 }, (_, i) => `x${i}.example`))
    await settled()
    assert.equal(dns.asked.length, MAX_NAMED_PEERS)
  })

  it('have 5 s together', async () => {
    const { trackers, dns, found } = setUp(['x.example', 'y.example'])
    await settled()
    await trackers.clock.advance(4_999)
    await dns.answer('x.example', ['192.0.2.7'])
    assert.equal(dns.signals[1]?.aborted, false)
    await trackers.clock.advance(1)
    assert.equal(dns.signals[1]?.aborted, true)
    await dns.answer('y.example', ['192.0.2.8'])
    assert.deepEqual(found(), [[{ host: '192.0.2.7', port: 6881 }]])
  })

  it('are given up when the announcer stops, and when the tracker answers again', async () => {
    for (const next of ['stop', 'answer'] as const) {
      const { dns, announcer, found } = setUp(['x.example'])
      await settled()
      if (next === 'stop') await announcer.stop()
      else announcer.completed()
      await settled()
      assert.equal(dns.signals[0]?.aborted, true)
      assert.equal(dns.asked.length, next === 'stop' ? 1 : 2)
      const before = found().length
      await dns.answer('x.example', ['192.0.2.7'])
      assert.equal(found().length - before, next === 'stop' ? 0 : 1)
    }
  })
})

it('a name that this machine knows is found without a script', async () => {
  const trackers = new ScriptedTrackers()
  trackers.behaviours.set('a', works({ namedPeers: [{ name: 'localhost', port: 6881 }] }))
  const found = new Promise<string[]>(resolve => {
    trackers.announcer([['a']], { onPeers: peers => resolve(peers.map(({ host }) => host)) }).start()
  })
  assert.ok((await found).some(host => host === '127.0.0.1' || host === '::1'))
})
