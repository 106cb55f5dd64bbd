import assert from 'node:assert/strict'
import { test } from 'node:test'
import { concatBytes, toUtf8 } from '../../../src/base/bytes.js'
import type { Peer } from '../../../src/engine/peer.js'
import { decodeExtensionHandshake } from '../../../src/protocol/peer/extension-handshake.js'
import { ExtensionId } from '../../../src/protocol/peer/extension-ids.js'
import { decodeHolePunch, encodeHolePunch, HolePunchError } from '../../../src/protocol/peer/hole-punch.js'
import { extensionHandshake } from '../../support/extension-handshake.js'
import { join, Node, Post, plainInfo } from '../support/joined-engines.js'

const info = plainInfo(4)

/** Two engines, and the extended messages from the first to the second from now on. */
function setUp(options: { isSeed?: boolean } = {}) {
  const post = new Post()
  const node = new Node({ post, info, faults: { forget: 1 }, ...options })
  const other = new Node({ post, info })
  const { a: peer, b: heardBy } = join(node, other)
  post.settle()
  const said: [id: number, payload: Uint8Array][] = []
  heardBy.extended = (id, payload) => void said.push([id, payload])
  return { post, node, other, peer, said }
}

function rendezvous(peer: Peer, address: { host: string; port: number }): void {
  peer.extended(ExtensionId.ut_holepunch, encodeHolePunch({ type: 'rendezvous', address })!)
}

test('our handshake has the extensions that we offer, under ids that never change', () => {
  const post = new Post()
  const { b } = join(new Node({ post, info }), new Node({ post, info }))
  let payload = new Uint8Array(0)
  b.extended = (_, bytes) => {
    payload = bytes.slice()
  }
  post.settle()
  assert.deepEqual([...(decodeExtensionHandshake(payload)?.extensions ?? [])].sort(), [
    ['lt_donthave', 7],
    ['upload_only', 3],
    ['ut_pex', 1],
  ])
})

test('a later handshake adds extensions, and removes those with id 0; unknown names are not kept', () => {
  const { peer } = setUp()
  const before = [...peer.extensionIds]
  peer.extended(
    0,
    extensionHandshake({
      extensions: new Map([
        ['ut_holepunch', 200],
        ['lt_donthave', 0],
      ]),
    }),
  )
  peer.extended(
    0,
    extensionHandshake({ extensions: new Map(Array.from({ length: 60 }, (_, i) => [`x${i}`, 1])) }),
  )
  assert.deepEqual(
    new Map(peer.extensionIds),
    new Map([...before.filter(([name]) => name !== 'lt_donthave'), ['ut_holepunch', 200]]),
  )
})

test('a malformed handshake is ignored, as in libtorrent; so are bytes behind a handshake', () => {
  const { node, peer } = setUp()
  const before = new Map(peer.extensionIds)
  for (const text of ['', 'hello', 'le', 'i1e', 'd1:m', 'l-3:e']) peer.extended(0, toUtf8(text))
  assert.deepEqual(new Map(peer.extensionIds), before)
  const message = extensionHandshake({ extensions: new Map([['ut_holepunch', 9]]) })
  peer.extended(0, concatBytes([message, toUtf8('\r\n')]))
  assert.equal(peer.extensionIds.get('ut_holepunch'), 9)
  assert.equal(node.torrent.peers.size, 1)
})

test('messages with unknown ids are ignored', () => {
  const { node, peer } = setUp()
  for (const id of [2, 5, 6, 8, 255]) peer.extended(id, Uint8Array.of(1, 2, 3))
  assert.equal(node.torrent.peers.size, 1)
})

test('hole punching is refused: no support where we know the peer, not connected where we do not', () => {
  const { post, node, other, peer, said } = setUp()
  const third = new Node({ post, info })
  join(node, third)
  post.settle()
  peer.extended(0, extensionHandshake({ extensions: new Map([['ut_holepunch', 77]]) }))
  rendezvous(peer, third.address)
  rendezvous(peer, { host: '10.200.0.1', port: 1 })
  post.settle()
  assert.deepEqual(
    said.map(([id, payload]) => [id, decodeHolePunch(payload)]),
    [
      [77, { type: 'error', address: third.address, code: HolePunchError.noSupport }],
      [77, { type: 'error', address: { host: '10.200.0.1', port: 1 }, code: HolePunchError.notConnected }],
    ],
  )
  assert.ok(other.torrent.peers.size > 0)
})

test('hole punching: messages that need no answer get none, and no connection is made', () => {
  const { post, node, peer, said } = setUp()
  rendezvous(peer, { host: '10.200.0.1', port: 1 })
  const address = { host: '10.200.0.1', port: 1 }
  for (const message of [{ type: 'connect', address } as const, { type: 'error', address, code: 2 } as const])
    peer.extended(ExtensionId.ut_holepunch, encodeHolePunch(message)!)
  post.settle()
  assert.deepEqual(said, [])
  assert.deepEqual(node.dials, [])
  assert.equal(node.torrent.peers.size, 1)
  peer.extended(ExtensionId.ut_holepunch, Uint8Array.of(9))
  assert.equal(node.torrent.peers.size, 0)
})

test('a peer that is upload-only gets no slot, whatever it says of its interest, until that ends', () => {
  const { post, node, peer } = setUp()
  peer.interested()
  assert.equal(peer.isChoked, false)
  peer.extended(ExtensionId.upload_only, Uint8Array.of(1))
  assert.equal(peer.isChoked, true)
  for (let second = 0; second < 25; second++) {
    post.advance(1_000)
    node.torrent.onSecond()
  }
  assert.equal(peer.isChoked, true)
  peer.extended(0, extensionHandshake({ isUploadOnly: false }))
  assert.equal(peer.isChoked, false)
  // Nor does a seed.
  for (let piece = 0; piece < info.pieceCount; piece++) peer.have(piece)
  assert.equal(peer.isInterested, false)
})

test('two peers that both want nothing disconnect, however one of them says so', () => {
  for (const how of [
    (peer: Peer) => peer.extended(ExtensionId.upload_only, Uint8Array.of(1)),
    (peer: Peer) => peer.extended(0, extensionHandshake({ isUploadOnly: true })),
  ]) {
    const { node, peer } = setUp({ isSeed: true })
    how(peer)
    assert.deepEqual(
      node.closed.map(({ reason }) => reason),
      ['nothing-to-share'],
    )
  }
})

test('pieces are requested from a partial seed', () => {
  const { node, peer } = setUp()
  peer.have(1)
  peer.extended(ExtensionId.upload_only, Uint8Array.of(1))
  peer.unchoke()
  assert.ok(peer.ledger.requests.length > 0)
  assert.equal(node.torrent.peers.size, 1)
})
