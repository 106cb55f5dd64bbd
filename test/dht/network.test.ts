import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { describe, it } from 'node:test'
import type { LookupReport } from '../../src/dht/lookup/lookup.js'
import type { DhtNode } from '../../src/dht/node.js'
import { compareDistance, randomId } from '../../src/protocol/dht/node-id.js'
import { isSecureId } from '../../src/protocol/dht/secure-id.js'
import type { PeerAddress } from '../../src/protocol/peer-address.js'
import { VirtualNetwork } from './virtual-network.js'

interface Member {
  readonly node: DhtNode
  readonly address: PeerAddress
}

/** Nodes at random addresses, each of which began with one that was there; some time later. */
function grown(seed: number, count: number): { network: VirtualNetwork; members: Member[] } {
  const network = new VirtualNetwork(seed)
  const { random } = network
  network.isRecording = false
  network.latencyMs = () => 20 + random.below(150)
  const members: Member[] = []
  for (let i = 0; i < count; i++) {
    const host = `${11 + (i % 80)}.${random.below(256)}.${i % 256}.${1 + random.below(250)}`
    const node = network.add(host, 6881)
    const entrance = members[random.below(Math.max(1, members.length))]
    if (entrance !== undefined) node.bootstrap([entrance.address], network.now)
    members.push({ node, address: { host, port: 6881 } })
    network.run(300)
  }
  network.run(60_000)
  return { network, members }
}

function look(
  network: VirtualNetwork,
  node: DhtNode,
  infoHash: Uint8Array,
  isAnnounced: boolean,
): LookupReport & { readonly found: number } {
  let found = 0
  let report: LookupReport | undefined
  const listener = {
    onPeers: (peers: readonly PeerAddress[]) => {
      found += peers.length
    },
    onEnd: (ended: LookupReport) => {
      report = ended
    },
  }
  const announce = { port: 7000, isPortImplied: false, isSeed: false }
  node.findPeers(infoHash, listener, network.now, isAnnounced ? announce : undefined)
  assert.ok(network.run(120_000, () => report !== undefined))
  assert.ok(report)
  return { ...report, found }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

describe('a network of a hundred nodes', () => {
  it('with 5 % loss finds what was announced, at the closest nodes', () => {
    const seed = randomInt(2 ** 32)
    const { network, members } = grown(seed, 100)
    network.loss = 0.05
    const reports: (LookupReport & { found: number })[] = []
    const exact: number[] = []
    for (let i = 0; i < 30; i++) {
      const infoHash = randomId(network.random)
      const [announcing, seeking] = [members[i], members[99 - i]]
      assert.ok(announcing && seeking)
      const announced = look(network, announcing.node, infoHash, true)
      const others = members.filter(({ node }) => node !== announcing.node).map(({ node }) => node.id)
      const closest = others.sort((a, b) => compareDistance(a, b, infoHash)).slice(0, 8)
      exact.push(
        announced.closest.filter(({ id }) =>
          closest.some(other => compareDistance(other, id, infoHash) === 0),
        ).length,
      )
      reports.push({ ...announced, found: look(network, seeking.node, infoHash, false).found })
    }
    assert.ok(mean(reports.map(({ queries }) => queries)) <= 25, `seed ${seed}`)
    assert.ok(mean(reports.map(({ stored }) => stored)) >= 7, `seed ${seed}`)
    assert.ok(mean(exact) >= 7, `seed ${seed}`)
    assert.ok(
      reports.every(({ found }) => found > 0),
      `seed ${seed}`,
    )
  })

  it('agrees on the address of each node, so that its id is valid for it (BEP 42)', () => {
    const seed = randomInt(2 ** 32)
    const { network, members } = grown(seed, 60)
    const valid = members.filter(
      ({ node, address }) =>
        node.status(network.now).outsideHost === address.host && isSecureId(node.id, address.host),
    )
    assert.ok(valid.length >= 57, `${valid.length} of 60, seed ${seed}`)
  })

  it('of which a third is gone at once still finds what was announced', () => {
    const seed = randomInt(2 ** 32)
    const { network, members } = grown(seed, 60)
    const infoHashes = Array.from({ length: 10 }, () => randomId(network.random))
    for (const infoHash of infoHashes) look(network, members[0]?.node as DhtNode, infoHash, true)
    for (const { address } of members.slice(40)) network.remove(address)
    const found = infoHashes.map(
      infoHash => look(network, members[1]?.node as DhtNode, infoHash, false).found,
    )
    assert.ok(
      found.every(count => count > 0),
      `seed ${seed}: ${found}`,
    )
  })
})

describe('a node that begins again', () => {
  it('with what it saved has its table within five seconds, though half of the nodes are gone', () => {
    const seed = randomInt(2 ** 32)
    const { network, members } = grown(seed, 80)
    const [first, ...others] = members
    assert.ok(first)
    const saved = first.node.saved()
    network.remove(first.address)
    for (const { address } of others.slice(0, 40)) network.remove(address)
    const alive = saved.nodes.filter(({ host }) =>
      others.slice(40).some(({ address }) => address.host === host),
    )
    const again = network.add(first.address.host, first.address.port, { saved })
    network.run(5_000)
    const { nodes } = again.status(network.now)
    assert.deepEqual(again.id, saved.id)
    assert.ok(nodes.good >= alive.length, `${nodes.good} of ${alive.length}, seed ${seed}`)
  })

  it('asks its entrances again until one answers', () => {
    const network = new VirtualNetwork(1)
    const entrance = { host: '45.1.0.1', port: 6881 }
    const node = network.add('45.2.0.1', 6881)
    node.bootstrap([entrance], network.now)
    assert.ok(network.run(30_000, () => node.status(network.now).phase === 'failed'))
    network.run(120_000)
    network.add(entrance.host, entrance.port)
    assert.ok(network.run(600_000, () => node.status(network.now).phase === 'ready'))
  })

  it('lets lookups wait for the first nodes', () => {
    const network = new VirtualNetwork(1)
    network.add('45.1.0.1', 6881)
    const node = network.add('45.2.0.1', 6881)
    node.bootstrap([{ host: '45.1.0.1', port: 6881 }], network.now)
    const { stored } = look(network, node, new Uint8Array(20), true)
    assert.equal(stored, 1)
  })

  it('ends lookups with nothing where no node is known', () => {
    const network = new VirtualNetwork(1)
    const node = network.add('45.2.0.1', 6881)
    assert.deepEqual(look(network, node, new Uint8Array(20), true), {
      queries: 0,
      answers: 0,
      closest: [],
      stored: 0,
      tookMs: 0,
      found: 0,
    })
  })
})
