import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { toUtf8 } from '../../../src/base/bytes.js'
import type { FinderOwner, PeerFinder, SoughtTorrent } from '../../../src/discovery/finder.js'
import { LocalDiscovery } from '../../../src/discovery/lsd/local-discovery.js'
import type { LocalLine, LocalReach } from '../../../src/discovery/lsd/local-line.js'
import type { LocalListener } from '../../../src/discovery/lsd/multicast-socket.js'
import { decodeLocalAnnounce, encodeLocalAnnounce } from '../../../src/protocol/local-announce.js'
import { formatAddress } from '../../../src/protocol/peer-address.js'
import { VirtualClock } from '../virtual-clock.js'

const MINUTE = 60_000
const ONE = new Uint8Array(20).fill(1)
const TWO = new Uint8Array(20).fill(2)

/** A local network in memory. */
class Network implements LocalLine {
  reach: LocalReach = { type: 'open', interfaces: ['eth0'] }
  looks = 0
  isClosed = false
  readonly sent: Uint8Array[] = []
  readonly listener: LocalListener

  constructor(listener: LocalListener) {
    this.listener = listener
  }

  async refresh(): Promise<LocalReach> {
    this.looks++
    return this.reach
  }

  send(encode: Parameters<LocalLine['send']>[0]): void {
    this.sent.push(encode('ipv4'))
  }

  /** Each announce: the hashes by their first byte. */
  get announced(): number[][] {
    return this.sent.map(datagram =>
      (decodeLocalAnnounce(datagram)?.infoHashes ?? []).map(([first = 0]) => first),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.isClosed = true
  }
}

class Fixture implements AsyncDisposable {
  readonly clock = new VirtualClock()
  readonly found: string[] = []
  readonly warnings: string[] = []
  readonly discovery: LocalDiscovery
  #network: Network | undefined

  constructor() {
    const line = (listener: LocalListener): LocalLine => {
      this.#network = new Network(listener)
      return this.#network
    }
    this.discovery = new LocalDiscovery(
      { port: 6881, bind: undefined },
      { clock: this.clock, cookie: 'ours', line },
    )
  }

  get network(): Network {
    assert.ok(this.#network)
    return this.#network
  }

  finder(...infoHashes: readonly Uint8Array[]): PeerFinder {
    const torrent: SoughtTorrent = { infoHashes, isPrivate: false, stats: () => assert.fail('not told') }
    const owner: FinderOwner = {
      found: addresses => this.found.push(...addresses.map(formatAddress)),
      onWarning: code => this.warnings.push(code),
    }
    return this.discovery.finderFor(torrent, owner)
  }

  /** Another client announces. */
  hear(infoHashes: readonly Uint8Array[], { host = '10.0.0.2', port = 7000, cookie = 'theirs' } = {}): void {
    this.network.listener(encodeLocalAnnounce('ipv4', { port, infoHashes, cookie }), host)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.discovery[Symbol.asyncDispose]()
  }
}

describe('local discovery', () => {
  it('opens nothing before a torrent is to be found', async () => {
    await using fixture = new Fixture()
    const finder = fixture.finder(ONE)
    await fixture.clock.advance(MINUTE)
    assert.equal(fixture.network.looks, 0)
    assert.deepEqual(finder.status, { type: 'searching' })
  })

  it('announces torrents that start together in one datagram, at once', async () => {
    await using fixture = new Fixture()
    fixture.finder(ONE).start()
    fixture.finder(TWO).start()
    await fixture.clock.advance(1_000)
    assert.deepEqual(fixture.network.announced, [[1, 2]])
    const [datagram] = fixture.network.sent
    const announce = datagram && decodeLocalAnnounce(datagram)
    assert.deepEqual([announce?.port, announce?.cookie], [6881, 'ours'])
  })

  it('announces no more than once a minute', async () => {
    await using fixture = new Fixture()
    fixture.finder(ONE).start()
    for (let second = 0; second < 600; second++) {
      if (second === 10) fixture.finder(TWO).start()
      await fixture.clock.advance(1_000)
      assert.ok(fixture.network.sent.length <= 1 + second / 60, `${second} s: ${fixture.network.sent.length}`)
    }
    assert.deepEqual(fixture.network.announced, [[1], [2, 1], [2], [1], [2]])
  })

  it('finds the peers of announces of its torrents', async () => {
    await using fixture = new Fixture()
    fixture.finder(ONE).start()
    await fixture.clock.advance(1_000)
    fixture.hear([TWO, ONE])
    fixture.hear([TWO])
    fixture.hear([ONE], { host: 'fe80::2%eth0', port: 7001 })
    assert.deepEqual(fixture.found, ['10.0.0.2:7000', '[fe80::2%eth0]:7001'])
  })

  it('knows its own announces by their cookie', async () => {
    await using fixture = new Fixture()
    fixture.finder(ONE).start()
    await fixture.clock.advance(1_000)
    const [own] = fixture.network.sent
    assert.ok(own)
    fixture.network.listener(own, '10.0.0.1')
    assert.deepEqual(fixture.found, [])
  })

  it('announces the other hash of a hybrid once that is known', async () => {
    await using fixture = new Fixture()
    const finder = fixture.finder(ONE)
    finder.start()
    await fixture.clock.advance(1_000)
    finder.resolved?.([ONE, TWO])
    await fixture.clock.advance(MINUTE)
    assert.deepEqual(fixture.network.announced, [[1], [2, 1]])
    fixture.hear([TWO])
    assert.deepEqual(fixture.found, ['10.0.0.2:7000'])
  })

  it('neither announces a torrent that has left nor finds peers of it, and rests without any', async () => {
    await using fixture = new Fixture()
    const finder = fixture.finder(ONE)
    finder.start()
    await fixture.clock.advance(1_000)
    await finder.stop()
    await fixture.clock.advance(10 * MINUTE)
    fixture.hear([ONE])
    assert.deepEqual([fixture.network.announced, fixture.found], [[[1]], []])
    assert.equal(fixture.clock.pending, 0)
  })

  it('looks at the interfaces every minute, and announces anew on one that has come', async () => {
    await using fixture = new Fixture()
    const finder = fixture.finder(ONE)
    finder.start()
    await fixture.clock.advance(2 * MINUTE)
    assert.deepEqual(finder.status, { type: 'local', interfaces: ['eth0'] })
    const before = fixture.network.sent.length
    fixture.network.reach = { type: 'open', interfaces: ['eth0', 'wlan0'] }
    await fixture.clock.advance(MINUTE)
    assert.deepEqual(finder.status, { type: 'local', interfaces: ['eth0', 'wlan0'] })
    assert.equal(fixture.network.sent.length, before + 1)
  })

  it('says why there is none, without a warning, and begins when there is', async () => {
    await using fixture = new Fixture()
    const finder = fixture.finder(ONE)
    fixture.network.reach = { type: 'unavailable', reason: 'this machine is in no local network' }
    finder.start()
    await fixture.clock.advance(1_000)
    assert.deepEqual(finder.status, {
      type: 'failed',
      code: 'no-local-network',
      message: 'local discovery: this machine is in no local network',
    })
    assert.deepEqual([fixture.network.sent, fixture.warnings], [[], []])
    fixture.network.reach = { type: 'open', interfaces: ['wlan0'] }
    await fixture.clock.advance(MINUTE)
    assert.deepEqual(fixture.network.announced, [[1]])
  })

  it('drops what is malformed, and what is too much from one host and from all', async () => {
    await using fixture = new Fixture()
    fixture.finder(ONE).start()
    await fixture.clock.advance(1_000)
    fixture.network.listener(toUtf8('M-SEARCH * HTTP/1.1\r\n\r\n'), '10.0.0.2')
    assert.deepEqual(fixture.discovery.dropped, { tooMany: 0, malformed: 1 })
    for (let i = 0; i < 100; i++) fixture.hear([ONE], { port: 1 + i })
    assert.equal(fixture.found.length, 19)
    await fixture.clock.advance(2_000)
    for (let i = 0; i < 100; i++) fixture.hear([ONE], { port: 1 + i })
    assert.equal(fixture.found.length, 20)
    for (let i = 0; i < 5_000; i++) fixture.hear([ONE], { host: `10.1.${i >> 8}.${i & 255}` })
    assert.ok(fixture.found.length <= 220, `${fixture.found.length}`)
    assert.equal(fixture.discovery.dropped.tooMany, 81 + 99 + 5_000 - (fixture.found.length - 20))
  })

  it('closes its sockets, and does nothing more', async () => {
    const fixture = new Fixture()
    const finder = fixture.finder(ONE)
    finder.start()
    await fixture.clock.advance(1_000)
    await fixture[Symbol.asyncDispose]()
    assert.deepEqual([fixture.network.isClosed, fixture.clock.pending], [true, 0])
    fixture.finder(TWO).start()
    assert.equal(fixture.clock.pending, 0)
  })
})
