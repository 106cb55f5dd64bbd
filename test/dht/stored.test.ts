import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { describe, it } from 'node:test'
import type { LookupReport } from '../../src/dht/lookup/lookup.js'
import type { DhtNode } from '../../src/dht/node.js'
import { signedBytes } from '../../src/protocol/dht/items.js'
import type { StoredValue } from '../../src/protocol/dht/messages.js'
import { sha1, VirtualNetwork } from './virtual-network.js'

const ascii = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))
const NO_SALT = new Uint8Array(0)

/** A network of nine nodes that know each other. */
function smallNetwork(): { network: VirtualNetwork; nodes: DhtNode[] } {
  const network = new VirtualNetwork(7)
  const nodes: DhtNode[] = []
  for (let i = 1; i <= 9; i++) {
    const node = network.add(`45.${i}.0.1`, 6881)
    node.bootstrap([{ host: '45.1.0.1', port: 6881 }], network.now)
    nodes.push(node)
    network.run(2_000)
  }
  network.run(30_000)
  return { network, nodes }
}

class Author {
  readonly publicKey: Uint8Array
  readonly #privateKey: KeyObject

  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    this.#privateKey = privateKey
    this.publicKey = new Uint8Array(publicKey.export({ format: 'der', type: 'spki' }).subarray(-32))
  }

  item(value: string, sequence: number, salt = NO_SALT): StoredValue {
    const part = { value: ascii(value), sequence, salt }
    const signature = new Uint8Array(sign(null, signedBytes(part), this.#privateKey))
    return { type: 'mutable', ...part, signature, publicKey: this.publicKey }
  }

  target(salt = NO_SALT): Uint8Array {
    return sha1(new Uint8Array([...this.publicKey, ...salt]))
  }
}

function put(
  network: VirtualNetwork,
  node: DhtNode | undefined,
  item: StoredValue,
  cas?: number,
): LookupReport {
  let report: LookupReport | undefined
  assert.ok(node)
  node.put(item, { onEnd: ended => (report = ended) }, network.now, cas)
  assert.ok(network.run(10_000, () => report !== undefined))
  return report as LookupReport
}

function get(
  network: VirtualNetwork,
  node: DhtNode | undefined,
  target: Uint8Array,
  salt?: Uint8Array,
): StoredValue[] {
  const items: StoredValue[] = []
  let isOver = false
  const listener = {
    onItem: (item: StoredValue) => items.push(item),
    onEnd: () => {
      isOver = true
    },
  }
  assert.ok(node)
  node.get(target, listener, network.now, salt)
  assert.ok(network.run(10_000, () => isOver))
  return items
}

describe('an immutable item (BEP 44)', () => {
  it('of 1,000 bytes is stored at eight nodes and found by all', () => {
    const { network, nodes } = smallNetwork()
    const value = ascii(`996:${'x'.repeat(996)}`)
    assert.equal(put(network, nodes[3], { type: 'immutable', value }).stored, 8)
    for (const node of nodes) {
      assert.deepEqual(get(network, node, sha1(value)), [{ type: 'immutable', value }])
    }
  })

  it('is not found where its hash does not fit', () => {
    const { network, nodes } = smallNetwork()
    put(network, nodes[3], { type: 'immutable', value: ascii('1:a') })
    assert.deepEqual(get(network, nodes[5], sha1(ascii('1:b'))), [])
  })

  it('expires after two hours', () => {
    const { network, nodes } = smallNetwork()
    const value = ascii('1:a')
    put(network, nodes[3], { type: 'immutable', value })
    network.run(2 * 3_600_000 - 120_000)
    assert.equal(get(network, nodes[5], sha1(value)).length, 1)
    network.run(240_000)
    assert.equal(get(network, nodes[5], sha1(value)).length, 0)
    assert.ok(nodes.every(node => node.status(network.now).stored.itemBytes === 0))
  })
})

describe('a mutable item (BEP 44)', () => {
  it('is replaced by a higher sequence number alone', () => {
    const { network, nodes } = smallNetwork()
    const author = new Author()
    assert.equal(put(network, nodes[0], author.item('5:first', 1)).stored, 8)
    assert.equal(put(network, nodes[0], author.item('6:second', 2)).stored, 8)
    assert.equal(
      put(network, nodes[0], author.item('5:other', 2)).stored,
      0,
      'the same number, another value',
    )
    assert.equal(put(network, nodes[0], author.item('5:first', 1)).stored, 0, 'a lower number')
    assert.equal(put(network, nodes[0], author.item('6:second', 2)).stored, 8, 'the same again')
    assert.deepEqual(get(network, nodes[8], author.target()).at(-1), author.item('6:second', 2))
  })

  it('with a salt is another item', () => {
    const { network, nodes } = smallNetwork()
    const author = new Author()
    const salt = ascii('foobar')
    put(network, nodes[0], author.item('1:a', 1, salt))
    assert.deepEqual(get(network, nodes[5], author.target()), [])
    assert.deepEqual(get(network, nodes[5], author.target(salt), salt), [author.item('1:a', 1, salt)])
  })

  it('is not stored with a signature of somebody else', () => {
    const { network, nodes } = smallNetwork()
    const author = new Author()
    const item = author.item('1:a', 1)
    const forged = { ...item, value: ascii('1:b') }
    assert.equal(put(network, nodes[0], forged).stored, 0)
    assert.ok(nodes.every(node => node.status(network.now).stored.items === 0))
  })

  it('is swapped only for the one that was expected', () => {
    const { network, nodes } = smallNetwork()
    const author = new Author()
    put(network, nodes[0], author.item('1:a', 1))
    assert.equal(put(network, nodes[0], author.item('1:b', 5), 4).stored, 0, 'it is 1, not 4')
    assert.equal(put(network, nodes[0], author.item('1:b', 5), 1).stored, 8)
  })
})

describe('a scrape of the DHT (BEP 33)', () => {
  it('counts seeds and other peers that were announced to any of the nodes', () => {
    const { network, nodes } = smallNetwork()
    const infoHash = new Uint8Array(20).fill(0x33)
    for (const [index, node] of nodes.entries()) {
      const announce = { port: 6881, isPortImplied: false, isSeed: index < 5 }
      node.findPeers(infoHash, { onPeers: () => undefined, onEnd: () => undefined }, network.now, announce)
    }
    network.run(20_000)
    let counts: unknown
    nodes[0]?.scrape(infoHash, { onEnd: found => (counts = found) }, network.now)
    network.run(10_000)
    assert.deepEqual(counts, { seeds: 5, peers: 4 })
  })
})

describe('samples of info hashes (BEP 51)', () => {
  it('show what nodes hold', () => {
    const { network, nodes } = smallNetwork()
    const infoHash = new Uint8Array(20).fill(0x33)
    nodes[0]?.findPeers(infoHash, { onPeers: () => undefined, onEnd: () => undefined }, network.now, {
      port: 6881,
      isPortImplied: false,
      isSeed: false,
    })
    network.run(10_000)
    const totals: number[] = []
    const sampled = new Set<string>()
    nodes[4]?.sample(
      infoHash,
      {
        onSamples: (_, hashes, total) => {
          totals.push(total)
          for (const hash of hashes) sampled.add(Buffer.from(hash).toString('hex'))
        },
        onEnd: () => undefined,
      },
      network.now,
    )
    network.run(10_000)
    assert.deepEqual([...sampled], ['33'.repeat(20)])
    assert.ok(totals.length >= 8 && totals.includes(1) && totals.includes(0))
  })
})
