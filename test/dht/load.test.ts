import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { SeededRandom } from '../../src/base/random.js'
import type { LookupReport } from '../../src/dht/lookup/lookup.js'
import type { DhtNode } from '../../src/dht/node.js'
import { encodeQuery } from '../../src/protocol/dht/encode.js'
import type { Query } from '../../src/protocol/dht/messages.js'
import { randomId } from '../../src/protocol/dht/node-id.js'
import { VirtualNetwork } from './virtual-network.js'

const QUERIES_PER_SECOND = 2_000
/** Queries that come at the same time. */
const A_TICK = 40

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

/** Bytes of the heap that are in use. */
function heapBytes(): number {
  collect()
  return process.memoryUsage().heapUsed
}

/** Queries of strangers, each from an address of its own, for hashes of their own. */
class Strangers {
  readonly #network: VirtualNetwork
  readonly #random = new SeededRandom(3)
  readonly #victim: DhtNode

  constructor(network: VirtualNetwork, victim: DhtNode) {
    this.#network = network
    this.#victim = victim
  }

  /** Sends for so many seconds. */
  send(seconds: number): void {
    for (let sent = 1; sent <= seconds * QUERIES_PER_SECOND; sent++) {
      const random = this.#random
      const host = `${11 + random.below(100)}.${random.below(256)}.${random.below(256)}.${1 + random.below(254)}`
      const frame = {
        transaction: Uint8Array.of(1, 2),
        id: randomId(random),
        isReadOnly: false,
        version: undefined,
      }
      this.#victim.received(encodeQuery(frame, this.#query()), { host, port: 6881 }, this.#network.now)
      if (sent % A_TICK === 0) this.#network.run((A_TICK * 1_000) / QUERIES_PER_SECOND)
    }
  }

  #query(): Query {
    const target = randomId(this.#random)
    const token = randomId(this.#random)
    switch (this.#random.below(6)) {
      case 0:
        return { type: 'ping' }
      case 1:
        return { type: 'find_node', target, want: [] }
      case 2:
        return {
          type: 'announce_peer',
          infoHash: target,
          port: 1,
          isPortImplied: false,
          token,
          isSeed: false,
        }
      case 3:
        return { type: 'get', target, want: [], sequence: undefined }
      default:
        return { type: 'get_peers', infoHash: target, want: [], noSeeds: false, isScrape: false }
    }
  }
}

describe('a node that strangers send 2,000 queries a second', () => {
  it('takes no more memory, answers within its bounds, and finds peers itself', () => {
    const network = new VirtualNetwork(9)
    const nodes = Array.from({ length: 40 }, (_, i) => network.add(`45.${i + 1}.0.1`, 6881))
    for (const node of nodes) {
      node.bootstrap([{ host: '45.1.0.1', port: 6881 }], network.now)
      network.run(1_000)
    }
    network.run(20_000)
    network.isRecording = false
    const [victim, other] = nodes
    assert.ok(victim && other)
    const strangers = new Strangers(network, victim)
    strangers.send(8)
    const before = heapBytes()

    const found: string[] = []
    const reports: LookupReport[] = []
    const listener = {
      onPeers: (peers: readonly { readonly host: string }[]) => found.push(...peers.map(({ host }) => host)),
      onEnd: (report: LookupReport) => reports.push(report),
    }
    const infoHash = new Uint8Array(20).fill(0x77)
    other.findPeers(infoHash, listener, network.now, { port: 6881, isPortImplied: false, isSeed: false })
    strangers.send(4)
    victim.findPeers(infoHash, listener, network.now)
    strangers.send(8)

    assert.equal(reports.length, 2)
    assert.deepEqual([...new Set(found)], ['45.2.0.1'])
    assert.ok(heapBytes() - before < 2 * 2 ** 20, `${heapBytes() - before} bytes more`)
    const { dropped, sent, lookups, nodes: table } = victim.status(network.now)
    assert.ok(dropped['rate-limited'] > 25_000, `${dropped['rate-limited']} refused`)
    assert.ok(sent.answers + sent.errors <= 21 * 500 + 1_000 + 2_000, `${sent.answers} answers`)
    assert.ok(lookups.active <= 2 && table.replacements <= 320)
  })
})
