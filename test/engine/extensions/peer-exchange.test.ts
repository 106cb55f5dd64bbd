import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ExtensionId } from '../../../src/protocol/peer/extension-ids.js'
import {
  decodePeerExchange,
  ExchangeFlag,
  encodePeerExchange,
  type PeerExchange,
} from '../../../src/protocol/peer/peer-exchange.js'
import type { PeerAddress } from '../../../src/protocol/peer-address.js'
import { extensionHandshake } from '../../support/extension-handshake.js'
import { join, Node, type NodeOptions, Post, plainInfo, tryJoin } from '../support/joined-engines.js'

const info = plainInfo(4)

/** Engines that have no pieces to exchange, so that they stay connected; those that dial find each other by address. */
class Swarm {
  readonly post = new Post()
  readonly nodes: Node[] = []

  node(options: Partial<NodeOptions> = {}): Node {
    const dial = (from: Node, address: PeerAddress) => {
      const to = this.nodes.find(({ address: { host } }) => host === address.host)
      if (to !== undefined && address.port === to.address.port) tryJoin(from, to)
    }
    const node = new Node({ post: this.post, info, dial, ...options })
    this.nodes.push(node)
    return node
  }

  pass(seconds: number): void {
    for (let second = 0; second < seconds; second++) {
      this.post.advance(1_000)
      for (const node of this.nodes) node.torrent.onSecond()
      this.post.settle()
    }
  }
}

/** The peer exchange messages to the peer `of` from now on; they are delivered all the same. */
function overhear(to: Node): PeerExchange[] {
  const heard: PeerExchange[] = []
  for (const peer of to.torrent.peers) {
    const { extensions } = to.torrent
    const { onMessage } = extensions
    peer.extended = (id, payload) => {
      if (id === ExtensionId.ut_pex) heard.push(decodePeerExchange(payload, 1_000)!)
      onMessage.call(extensions, peer, id, payload)
    }
  }
  return heard
}

function tell(node: Node, message: PeerExchange): void {
  const [peer] = node.torrent.peers
  peer!.extended(ExtensionId.ut_pex, encodePeerExchange(message))
}

const named = (...addresses: PeerAddress[]) => ({
  added: addresses.map(address => ({ address, flags: 0 })),
  dropped: [],
})

test('two peers that know a third find each other, whichever of them dialled it', () => {
  const swarm = new Swarm()
  const [a, b, c, d] = [swarm.node(), swarm.node(), swarm.node(), swarm.node()]
  join(a, b)
  join(b, c)
  join(d, b)
  swarm.pass(10)
  for (const node of [a, b, c, d]) assert.equal(node.torrent.peers.size, 3)
})

test('a chain in which each peer knows only the one before becomes one swarm', () => {
  const swarm = new Swarm()
  const chain = Array.from({ length: 30 }, () => swarm.node())
  for (const [index, node] of chain.entries()) {
    const before = chain[index - 1]
    if (before !== undefined) join(node, before)
  }
  swarm.pass(400)
  for (const node of chain) assert.equal(node.torrent.peers.size, 29, node.address.host)
})

test('off for private torrents, and where the user says so: not offered, sent or read', () => {
  for (const forbidding of ['middle', 'ends'] as const) {
    const swarm = new Swarm()
    const [a, c] = [0, 1].map(() => swarm.node({ exchangesPeers: forbidding !== 'ends' })) as [Node, Node]
    const b = swarm.node({ exchangesPeers: forbidding !== 'middle' })
    join(a, b)
    join(b, c)
    swarm.pass(180)
    for (const node of [a, c]) assert.equal(node.torrent.peers.size, 1)
    const node = forbidding === 'ends' ? a : b
    assert.equal(node.torrent.extensions.offered.has('ut_pex'), false)
    const before = node.dials.length
    tell(node, named({ host: '10.9.9.9', port: 1 }))
    assert.equal(node.dials.length, before)
  }
})

test('one message soon, then one a minute with the changes; a peer that left is dropped', () => {
  const swarm = new Swarm()
  const dials: PeerAddress[] = []
  const quiet = { dial: (_: Node, address: PeerAddress) => void dials.push(address) }
  const [a, b, c, d] = [swarm.node(quiet), swarm.node(quiet), swarm.node(quiet), swarm.node(quiet)]
  join(a, b)
  const first = join(b, c)
  swarm.post.settle()
  const heard = overhear(a)
  swarm.pass(6)
  assert.deepEqual(heard, [{ added: [{ address: c.address, flags: ExchangeFlag.isReachable }], dropped: [] }])
  first.cut()
  join(d, b)
  swarm.pass(53)
  assert.equal(heard.length, 1)
  swarm.pass(12)
  assert.deepEqual(heard.slice(1), [{ added: [{ address: d.address, flags: 0 }], dropped: [c.address] }])
  assert.ok(dials.length > 0)
})

test('a peer is not told of itself, nor of peers whose listen address is unknown', () => {
  const swarm = new Swarm()
  const quiet = { dial: () => {} }
  const [a, b] = [swarm.node(quiet), swarm.node(quiet)]
  join(a, b)
  swarm.post.settle()
  const stranger = swarm.node(quiet)
  const { b: peer } = join(stranger, b)
  // Its handshake with the port has not arrived.
  peer.extended = () => {}
  const heard = overhear(a)
  swarm.pass(120)
  assert.deepEqual(heard, [])
})

test('flags: wants nothing more, prefers encryption, is reachable, can punch holes', () => {
  const swarm = new Swarm()
  const quiet = { dial: () => {} }
  const [a, b] = [swarm.node(quiet), swarm.node(quiet)]
  const others = [0, 1, 2].map(() => swarm.node(quiet)) as [Node, Node, Node]
  join(a, b)
  const seed = swarm.node({ ...quiet, isSeed: true, faults: { forget: 1 } })
  join(b, seed)
  const peers = others.map(other => join(other, b).b)
  swarm.post.settle()
  const facts = [
    { prefersEncryption: true },
    { isUploadOnly: true },
    { extensions: new Map([['ut_holepunch', 9]]) },
  ]
  for (const [index, fact] of facts.entries()) {
    peers[index]!.extended(0, extensionHandshake({ listenPort: 6881, ...fact }))
  }
  const heard = overhear(a)
  swarm.pass(10)
  const flags = new Map(
    heard.flatMap(({ added }) => added).map(({ address, flags }) => [address.host, flags]),
  )
  assert.equal(flags.get(seed.address.host), ExchangeFlag.isUploadOnly | ExchangeFlag.isReachable)
  assert.deepEqual(
    others.map(other => flags.get(other.address.host)),
    [ExchangeFlag.prefersEncryption, ExchangeFlag.isUploadOnly, ExchangeFlag.supportsHolePunch],
  )
})

test('a seed does not dial peers that are named as upload-only', () => {
  const swarm = new Swarm()
  const [seed, b] = [swarm.node({ isSeed: true, dial: () => {}, faults: { forget: 1 } }), swarm.node()]
  join(seed, b)
  swarm.post.settle()
  tell(seed, {
    added: [{ address: { host: '10.9.9.9', port: 1 }, flags: ExchangeFlag.isUploadOnly }],
    dropped: [],
  })
  assert.deepEqual(seed.dials, [])
  tell(seed, named({ host: '10.9.9.8', port: 1 }))
  assert.equal(seed.dials.length, 1)
})

test('our own address is not dialled', () => {
  const swarm = new Swarm()
  const [a, b] = [swarm.node({ dial: () => {} }), swarm.node()]
  join(a, b)
  swarm.post.settle()
  tell(a, named(a.address, { host: '10.9.9.9', port: 1 }))
  assert.deepEqual(a.dials, [{ host: '10.9.9.9', port: 1 }])
})

test('a peer that sends nonsense is dropped; one that sends too often is ignored, then dropped', () => {
  const swarm = new Swarm()
  const [a, b, c] = [swarm.node({ dial: () => {} }), swarm.node(), swarm.node()]
  const { a: peer } = join(a, b)
  peer.extended(ExtensionId.ut_pex, Uint8Array.of(1, 2, 3))
  assert.deepEqual(
    a.closed.map(({ reason }) => reason),
    ['protocol-error'],
  )
  join(a, c)
  swarm.post.settle()
  for (let message = 0; message < 13; message++) tell(a, named({ host: `10.9.9.${message}`, port: 1 }))
  assert.equal(a.dials.length, 3)
  assert.equal(a.torrent.peers.size, 1)
  tell(a, named({ host: '10.9.9.99', port: 1 }))
  assert.equal(a.torrent.peers.size, 0)
})

test('addresses from a tracker keep their places, however many a peer names', () => {
  const swarm = new Swarm()
  const [a, b] = [swarm.node({ dial: () => {}, maxPeers: 1 }), swarm.node()]
  join(a, b)
  swarm.post.settle()
  a.torrent.addCandidates(
    Array.from({ length: 1_900 }, (_, i) => ({ host: `11.0.${i >> 8}.${i & 255}`, port: 1 })),
    'tracker',
  )
  for (let minute = 0; minute < 120; minute++) {
    const added = Array.from({ length: 50 }, (_, i) => ({ host: `10.1.${minute}.${i}`, port: 1 }))
    tell(a, {
      ...named(...added),
      dropped: Array.from({ length: 50 }, (_, i) => ({ host: `10.1.${minute - 1}.${i}`, port: 1 })),
    })
    swarm.pass(60)
  }
  assert.equal(a.torrent.candidates.size, 1_950 + 1)
})

test('an address that only a peer named is forgotten after three failed attempts', () => {
  const swarm = new Swarm()
  const [a, b] = [swarm.node({ dial: () => {} }), swarm.node()]
  join(a, b)
  swarm.post.settle()
  const [lie, told] = [
    { host: '10.9.9.9', port: 1 },
    { host: '10.9.9.8', port: 1 },
  ]
  tell(a, named(lie))
  a.torrent.addCandidates([told], 'tracker')
  const dialsOf = ({ host }: PeerAddress) => a.dials.filter(dialled => dialled.host === host).length
  let [ofLie, ofTold] = [0, 0]
  for (let second = 0; second < 600; second++) {
    if (dialsOf(lie) > ofLie) a.torrent.connectFailed(lie, 'unreachable')
    if (dialsOf(told) > ofTold) a.torrent.connectFailed(told, 'unreachable')
    ofLie = dialsOf(lie)
    ofTold = dialsOf(told)
    swarm.pass(1)
  }
  assert.equal(ofLie, 3)
  assert.ok(ofTold > 5)
  assert.equal(a.torrent.candidates.get(lie), undefined)
})
