import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { describe, it } from 'node:test'
import { SeededRandom } from '../../src/base/random.js'
import { DHT_LIMITS } from '../../src/dht/limits.js'
import { RoutingTable } from '../../src/dht/table/routing-table.js'
import type { NodeInfo } from '../../src/protocol/dht/compact-nodes.js'
import { compareDistance, randomId, randomIdBeside } from '../../src/protocol/dht/node-id.js'
import { makeSecureId } from '../../src/protocol/dht/secure-id.js'

const OWN = new Uint8Array(20)
const MINUTE = 60_000

function table(): RoutingTable {
  return new RoutingTable(OWN, DHT_LIMITS)
}

/** A node whose id begins with the byte 0x80 and up: of the bucket farthest away. Each is in a network of its own. */
function far(number: number, host = `45.${number}.0.1`): NodeInfo {
  const id = new Uint8Array(20).fill(number)
  id[0] = 0x80 | number
  return { id, address: { host, port: 6881 } }
}

function hostsIn(routing: RoutingTable): string[] {
  return [...routing.nodes()].map(({ address }) => address.host)
}

/** A table whose farthest bucket is full, and that was split for a node close to us. */
function fullTable(now: number): RoutingTable {
  const routing = table()
  for (let number = 1; number <= 8; number++) routing.answered(far(number), now)
  routing.answered({ id: new Uint8Array(20).fill(1), address: { host: '45.100.0.1', port: 1 } }, now)
  return routing
}

describe('a routing table (BEP 5)', () => {
  it('keeps eight nodes of a bucket, and further ones as replacements', () => {
    const routing = fullTable(0)
    for (let number = 9; number <= 20; number++) routing.answered(far(number), 0)
    const { good, replacements } = routing.counts(0)
    assert.deepEqual([good, replacements], [9, 8])
    assert.ok(hostsIn(routing).includes('45.1.0.1') && !hostsIn(routing).includes('45.9.0.1'))
  })

  it('puts the last replacement in the place of a node that fails twice', () => {
    const routing = fullTable(0)
    routing.answered(far(9), 0)
    routing.answered(far(10), 0)
    assert.equal(routing.silent(far(3).address, 1, 1)?.address.host, '45.3.0.1', 'it is pinged once more')
    assert.ok(hostsIn(routing).includes('45.3.0.1'))
    assert.equal(routing.silent(far(3).address, 2, 2), undefined)
    assert.ok(!hostsIn(routing).includes('45.3.0.1') && hostsIn(routing).includes('45.10.0.1'))
  })

  it('keeps a bad node while there is none to replace it, but names it to nobody', () => {
    const routing = fullTable(0)
    routing.silent(far(3).address, 1, 1)
    routing.silent(far(3).address, 2, 2)
    assert.equal(routing.counts(2).bad, 1)
    assert.ok(routing.closest(far(3).id, 9, 2).every(({ address }) => address.host !== '45.3.0.1'))
    routing.answered(far(9), 3)
    assert.equal(routing.counts(3).bad, 0, 'the next node takes its place')
  })

  it('does not count a lost query against a node that has answered since', () => {
    const routing = fullTable(0)
    routing.answered(far(3), 5)
    routing.silent(far(3).address, 4, 6)
    routing.silent(far(3).address, 4, 6)
    assert.equal(routing.counts(6).bad, 0)
  })

  it('has the node that was not heard of for longest pinged when another could take its place', () => {
    const routing = fullTable(0)
    for (const number of [1, 2, 3, 4]) routing.answered(far(number), 10 * MINUTE)
    for (const number of [5, 7, 8]) assert.ok(routing.asked(far(number), 20 * MINUTE))
    assert.equal(routing.counts(20 * MINUTE).questionable, 2)
    assert.equal(routing.answered(far(9), 20 * MINUTE)?.address.host, '45.6.0.1')
  })

  it('has one node for a host, and the first that answered', () => {
    const routing = table()
    routing.answered(far(1), 0)
    routing.answered({ ...far(2), address: { host: '45.1.0.1', port: 7000 } }, 0)
    assert.deepEqual(
      [...routing.nodes()].map(({ id }) => id),
      [far(1).id],
    )
    routing.answered({ ...far(2), address: far(1).address }, 1)
    assert.deepEqual(
      [...routing.nodes()].map(({ id }) => id),
      [far(2).id],
      'the same node with another id',
    )
  })

  it('has two nodes of a /24 in a bucket, and of a /64 in IPv6', () => {
    const routing = table()
    for (let number = 1; number <= 5; number++) routing.answered(far(number, `45.1.1.${number}`), 0)
    for (let number = 6; number <= 9; number++) routing.answered(far(number, `2a00:1:2:3::${number}`), 0)
    assert.deepEqual(hostsIn(routing), ['45.1.1.1', '45.1.1.2', '2a00:1:2:3::6', '2a00:1:2:3::7'])
  })

  it('takes all nodes of a local network, and of this machine each port', () => {
    const routing = table()
    for (let number = 1; number <= 3; number++) routing.answered(far(number, `192.168.1.${number}`), 0)
    for (let number = 4; number <= 6; number++) {
      routing.answered({ ...far(number), address: { host: '127.0.0.1', port: number } }, 0)
    }
    assert.equal(routing.counts(0).good, 6)
  })

  it('prefers nodes whose id is valid for their address (BEP 42)', () => {
    const routing = fullTable(0)
    const random = new SeededRandom(1)
    let valid: NodeInfo | undefined
    for (let i = 1; valid === undefined || (valid.id[0] ?? 0) < 0x80; i++) {
      const host = `46.${i}.0.1`
      valid = { id: makeSecureId(host, random), address: { host, port: 6881 } }
    }
    routing.answered(valid, 1)
    assert.ok(hostsIn(routing).includes(valid.address.host))
    assert.deepEqual([routing.counts(1).good, routing.counts(1).replacements], [9, 1])
  })

  it('names the closest nodes of all that it has', () => {
    const seed = randomInt(2 ** 32)
    const random = new SeededRandom(seed)
    const own = randomId(random)
    const routing = new RoutingTable(own, DHT_LIMITS)
    for (let i = 0; i < 600; i++) {
      const id = i % 2 === 0 ? randomId(random) : randomIdBeside(own, random.below(24), random)
      routing.answered({ id, address: { host: `${11 + (i % 80)}.${i >> 3}.${i % 251}.9`, port: 6881 } }, 0)
    }
    assert.ok(routing.bucketCount > 10, `seed ${seed}`)
    for (let i = 0; i < 200; i++) {
      const target = i % 2 === 0 ? randomId(random) : randomIdBeside(own, random.below(40), random)
      const all = [...routing.nodes()].sort((a, b) => compareDistance(a.id, b.id, target))
      assert.deepEqual(routing.closest(target, 8, 0), all.slice(0, 8), `seed ${seed}`)
    }
  })

  it('keeps its nodes when our id changes', () => {
    const routing = fullTable(0)
    const id = new Uint8Array(20).fill(0xff)
    routing.moveTo(id, 1)
    assert.equal(routing.counts(1).good, 9)
    assert.equal(routing.closest(id, 1, 1)[0]?.address.host, '45.8.0.1')
  })

  it('has buckets refreshed that have not changed for 15 minutes', () => {
    const routing = fullTable(0)
    const random = new SeededRandom(1)
    assert.equal(routing.targetToRefresh(14 * MINUTE, random), undefined)
    const target = routing.targetToRefresh(15 * MINUTE, random)
    assert.ok(target && (target[0] ?? 0) >= 0x80, 'in the farthest bucket')
    assert.ok(routing.targetToRefresh(15 * MINUTE, random), 'then in the next')
  })
})
