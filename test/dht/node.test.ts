import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { LookupReport } from '../../src/dht/lookup/lookup.js'
import { decodeKrpc } from '../../src/protocol/dht/decode.js'
import type { PeerAddress } from '../../src/protocol/peer-address.js'
import { VirtualNetwork } from './virtual-network.js'

const INFO_HASH = new Uint8Array(20).fill(0x5a)

/** Keeps what a lookup finds. */
class Found {
  readonly peers: PeerAddress[] = []
  report: LookupReport | undefined

  onPeers(peers: readonly PeerAddress[]): void {
    this.peers.push(...peers)
  }

  onEnd(report: LookupReport): void {
    this.report = report
  }
}

describe('two nodes of the DHT', () => {
  for (const [family, first, second] of [
    ['ipv4', '45.10.0.1', '80.20.0.2'],
    ['ipv6', '2a00:1:2:3::1', '2a00:9:8:7::2'],
    ['ipv4 on one machine', '127.0.0.1', '127.0.0.1'],
  ] as const) {
    it(`find each other and a peer that was announced, over ${family}`, () => {
      const network = new VirtualNetwork(1)
      const a = network.add(first, 1001)
      const b = network.add(second, 1002)
      b.bootstrap([{ host: first, port: 1001 }], network.now)
      assert.ok(network.run(1_000, () => b.status(network.now).phase === 'ready'))
      assert.equal(b.status(network.now).nodes.good, 1)
      network.run(1_000)
      assert.equal(
        a.status(network.now).nodes.good,
        1,
        'the node that is asked pings the other, and keeps it',
      )

      const announced = new Found()
      const announce = { port: 6881, isPortImplied: false, isSeed: false }
      b.findPeers(INFO_HASH, announced, network.now, announce)
      assert.ok(network.run(1_000, () => announced.report !== undefined))
      assert.equal(announced.report?.stored, 1)
      assert.deepEqual(announced.peers, [])
      assert.equal(a.status(network.now).stored.peers, 1)

      const found = new Found()
      const c = network.add(second, 1003)
      c.bootstrap([{ host: first, port: 1001 }], network.now)
      c.findPeers(INFO_HASH, found, network.now)
      assert.ok(network.run(1_000, () => found.report !== undefined))
      assert.deepEqual(found.peers, [{ host: second, port: 6881 }])
    })
  }

  it('send what the other can read, with the address of the other in each answer', () => {
    const network = new VirtualNetwork(2)
    network.add('45.10.0.1', 1001, { version: Uint8Array.of(0x54, 0x54, 0, 1) })
    const b = network.add('80.20.0.2', 1002)
    b.bootstrap([{ host: '45.10.0.1', port: 1001 }], network.now)
    network.run(1_000)
    const messages = network.sent.map(({ bytes }) => decodeKrpc(bytes))
    const outside = messages.flatMap(message =>
      typeof message !== 'string' && message.type === 'response' ? [message.outsideHost?.join('.')] : [],
    )
    assert.ok(outside.includes('80.20.0.2') && outside.includes('45.10.0.1'))
  })

  it('announce the port that their datagrams come from where it is implied', () => {
    const network = new VirtualNetwork(3)
    network.add('45.10.0.1', 1001)
    const b = network.add('80.20.0.2', 1002)
    b.bootstrap([{ host: '45.10.0.1', port: 1001 }], network.now)
    b.findPeers(INFO_HASH, new Found(), network.now, { port: 6881, isPortImplied: true, isSeed: false })
    network.run(1_000)
    const found = new Found()
    b.findPeers(INFO_HASH, found, network.now)
    network.run(1_000)
    assert.deepEqual(found.peers, [{ host: '80.20.0.2', port: 1002 }])
  })
})
