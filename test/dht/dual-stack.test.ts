import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SeededRandom } from '../../src/base/random.js'
import { DualStackDht, type DualStackOptions } from '../../src/dht/dual-stack.js'
import type { LookupReport } from '../../src/dht/lookup/lookup.js'
import { decodeKrpc } from '../../src/protocol/dht/decode.js'
import type { PeerAddress } from '../../src/protocol/peer-address.js'
import { VirtualNetwork, worldWith } from './virtual-network.js'

const INFO_HASH = new Uint8Array(20).fill(0x5a)

function host(number: number): [ipv4: string, ipv6: string] {
  return [`45.${number}.0.1`, `2a00:${number}::1`]
}

/** A node with an address of each family. */
function addDualStack(
  network: VirtualNetwork,
  number: number,
  options: Partial<DualStackOptions> = {},
): DualStackDht {
  const [ipv4, ipv6] = host(number)
  const dht = new DualStackDht(
    worldWith(new SeededRandom(number), (bytes, to) => {
      network.send(bytes, { host: to.host.includes(':') ? ipv6 : ipv4, port: 6881 }, to)
    }),
    { families: ['ipv4', 'ipv6'], ...options },
  )
  for (const address of [ipv4, ipv6]) network.place({ host: address, port: 6881 }, dht)
  return dht
}

describe('a node of both families (BEP 32)', () => {
  it('bootstraps over one family and learns the nodes of the other', () => {
    const network = new VirtualNetwork(1)
    const first = addDualStack(network, 1)
    const rest = [2, 3, 4].map(number => addDualStack(network, number))
    for (const dht of rest) {
      const [ipv4, ipv6] = host(1)
      dht.bootstrap(
        [ipv4, ipv6].map(address => ({ host: address, port: 6881 })),
        network.now,
      )
      network.run(5_000)
    }
    const last = addDualStack(network, 5)
    last.bootstrap([{ host: host(1)[0], port: 6881 }], network.now)
    network.run(5_000)
    assert.deepEqual(
      last.status(network.now).map(({ family, nodes, phase }) => [family, nodes.good, phase]),
      [
        ['ipv4', 4, 'ready'],
        ['ipv6', 4, 'ready'],
      ],
    )
    assert.ok(first.status(network.now).every(({ nodes }) => nodes.good === 4))
    assert.ok(
      network.sent.some(({ bytes }) => {
        const message = decodeKrpc(bytes)
        return (
          typeof message !== 'string' && message.type === 'response' && message.answer.nodes6 !== undefined
        )
      }),
    )
  })

  it('finds and announces peers in both, and reports once', () => {
    const network = new VirtualNetwork(2)
    addDualStack(network, 1)
    const second = addDualStack(network, 2)
    second.bootstrap(
      host(1).map(address => ({ host: address, port: 6881 })),
      network.now,
    )
    network.run(5_000)
    const reports: LookupReport[] = []
    const peers: PeerAddress[] = []
    const listener = {
      onPeers: (found: readonly PeerAddress[]) => peers.push(...found),
      onEnd: (report: LookupReport) => reports.push(report),
    }
    second.findPeers(INFO_HASH, listener, network.now, { port: 7000, isPortImplied: false, isSeed: true })
    network.run(5_000)
    assert.equal(reports.length, 1)
    assert.equal(reports[0]?.stored, 2)
    second.findPeers(INFO_HASH, listener, network.now)
    network.run(5_000)
    const [ipv4, ipv6] = host(2)
    assert.deepEqual(peers.map(({ host }) => host).sort(), [ipv6, ipv4].sort())
  })

  it('keeps its id and nodes for the next session', () => {
    const network = new VirtualNetwork(3)
    addDualStack(network, 1)
    const second = addDualStack(network, 2)
    second.bootstrap(
      host(1).map(address => ({ host: address, port: 6881 })),
      network.now,
    )
    network.run(5_000)
    const saved = second.saved()
    assert.deepEqual(saved.ipv6?.nodes, [{ host: host(1)[1], port: 6881 }])
    const again = addDualStack(network, 2, { saved })
    network.run(5_000)
    assert.deepEqual(again.saved(), saved)
    assert.ok(again.status(network.now).every(({ phase, nodes }) => phase === 'ready' && nodes.good === 1))
  })
})
