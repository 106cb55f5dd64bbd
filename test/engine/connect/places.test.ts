import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Node, Post, plainInfo, tryJoin } from '../support/joined-engines.js'

const info = plainInfo(4)
const CROWD = '192.0.2.9'

/** A seeder with `maxPeers` places, and leechers that connect to it. */
function setUp(maxPeers: number) {
  const post = new Post()
  const seeder = new Node({ post, info, maxPeers, isSeed: true, faults: { blockMs: 1_000_000 } })
  const connect = (options: { host?: string; isSeed?: boolean } = {}) => {
    const node = new Node({ post, info, ...options })
    const joined = tryJoin(node, seeder)
    return joined === undefined ? undefined : { ...joined, node }
  }
  /** Handshaken, and silent from then on: its messages are never delivered. */
  const connectSilent = (count: number, host?: string) => {
    for (let i = 0; i < count; i++) {
      const peerId = new Uint8Array(20).fill(100 + i)
      const address = { host: host ?? `198.51.${i}.1`, port: 1000 + i }
      const link = new Proxy({}, { get: () => () => {} }) as never
      const features = { fast: true, extensions: true, v2: false }
      seeder.torrent.addPeer({ address, peerId, isOutgoing: false, features, isV2: false, link })
    }
  }
  const countOf = (host: string) =>
    [...seeder.torrent.peers].filter(({ introduction }) => introduction.address.host === host).length
  return { post, seeder, connect, connectSilent, countOf }
}

describe('where all places are taken', () => {
  it('an address with many peers makes room for another address', () => {
    const { seeder, connect, connectSilent, countOf } = setUp(10)
    connectSilent(7, CROWD)
    for (let i = 0; i < 3; i++) assert.ok(connect())
    assert.equal(seeder.torrent.peers.size, 10)
    for (let i = 0; i < 5; i++) assert.ok(connect())
    assert.equal(countOf(CROWD), 2)
  })

  it('an address never has more than three quarters of the places, and its newest stay', () => {
    const { connectSilent, countOf, seeder } = setUp(40)
    connectSilent(40, CROWD)
    assert.equal(countOf(CROWD), 30)
    const ports = [...seeder.torrent.peers].map(({ introduction }) => introduction.address.port)
    assert.deepEqual(ports.slice(-1), [1039])
  })

  it('peers that want and send nothing make room, the oldest first', () => {
    const { post, seeder, connect, connectSilent } = setUp(3)
    connectSilent(3)
    // They have had no time to say what they want.
    assert.equal(connect(), undefined)
    post.advance(1_500)
    assert.ok(connect())
    const hosts = [...seeder.torrent.peers].map(({ introduction }) => introduction.address.host)
    assert.ok(!hosts.includes('198.51.0.1'))
  })

  it('interested peers of different addresses stay', () => {
    const { post, seeder, connect } = setUp(3)
    for (let i = 0; i < 3; i++) connect()
    post.advance(5_000)
    const before = [...seeder.torrent.peers]
    assert.ok(before.every(({ isInterested }) => isInterested))
    connect()
    // Between peers that want something only their canonical priority decides (BEP 40).
    assert.ok([...seeder.torrent.peers].filter(peer => before.includes(peer)).length >= 2)
    assert.ok(seeder.closed.every(({ reason }) => reason === 'replaced'))
  })
})
