import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { describe, it } from 'node:test'
import { SeededRandom } from '../../src/base/random.js'
import type { LookupReport } from '../../src/dht/lookup/lookup.js'
import type { DhtNode } from '../../src/dht/node.js'
import { type BencodeInput, encodeBencode } from '../../src/protocol/bencode/encode.js'
import { decodeKrpc } from '../../src/protocol/dht/decode.js'
import { encodeResponse } from '../../src/protocol/dht/encode.js'
import { type Datagram, VirtualNetwork } from './virtual-network.js'

const VICTIM = { host: '45.1.0.1', port: 6881 }
const STRANGER = { host: '80.2.0.2', port: 7000 }

const ascii = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))
const ID = ascii('abcdefghij0123456789')

function victim(limits = {}): { network: VirtualNetwork; node: DhtNode } {
  const network = new VirtualNetwork(11)
  return { network, node: network.add(VICTIM.host, VICTIM.port, { limits }) }
}

function droppedIn(node: DhtNode, network: VirtualNetwork): number {
  return Object.values(node.status(network.now).dropped).reduce((sum, count) => sum + count, 0)
}

describe('a datagram that is none of the protocol', () => {
  it('of every length from 0 to 1,500 is dropped and counted', () => {
    const { network, node } = victim()
    const seed = randomInt(2 ** 32)
    const random = new SeededRandom(seed)
    let given = 0
    for (let length = 0; length <= 1_500; length++) {
      const noise = Uint8Array.from({ length }, () => random.below(256))
      const framed = Uint8Array.from(noise, (byte, at) => (at === 0 ? 0x64 : at === length - 1 ? 0x65 : byte))
      for (const bytes of [
        noise,
        framed,
        new Uint8Array(length).fill(0x64),
        new Uint8Array(length).fill(0x6c),
      ]) {
        node.received(bytes, STRANGER, network.now)
        given++
      }
    }
    assert.equal(droppedIn(node, network), given, `seed ${seed}`)
    assert.equal(network.sent.length, 0)
  })

  it('is counted by what is wrong with it', () => {
    const { network, node } = victim()
    const cases = [
      ['not-bencoded', 'l-3:e'],
      ['not-bencoded', 'd1:ad2:id20:abc'],
      ['not-bencoded', `${'l'.repeat(700)}${'e'.repeat(700)}`],
      ['not-bencoded', 'd1:t99999999999:'],
      ['not-a-dictionary', 'le'],
      ['not-a-dictionary', 'i5e'],
      ['no-transaction', 'de'],
      ['no-transaction', 'd1:t0:1:y1:qe'],
      ['no-transaction', `d1:t33:${'t'.repeat(33)}1:y1:qe`],
      ['no-type', 'd1:t2:aae'],
      ['no-type', 'd1:t2:aa1:y1:ze'],
      ['no-type', 'd1:t2:aa1:yi1ee'],
      ['no-type', 'd1:t2:aa1:y1:qe'],
      ['no-type', 'd1:t2:aa1:y1:re'],
      ['no-id', 'd1:rd2:id3:abce1:t2:aa1:y1:re'],
      ['unasked', 'd1:rd2:id20:abcdefghij0123456789e1:t2:aa1:y1:re'],
      ['unasked', 'd1:eli201e1:xe1:t2:aa1:y1:ee'],
    ] as const
    for (const [reason, text] of cases) {
      const before = node.status(network.now).dropped[reason]
      node.received(ascii(text), STRANGER, network.now)
      assert.equal(node.status(network.now).dropped[reason], before + 1, text)
    }
    assert.equal(network.sent.length, 0)
  })

  it('from a port or an address that cannot be answered is dropped', () => {
    const { network, node } = victim()
    const ping = ascii('d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe')
    node.received(ping, { host: '80.2.0.2', port: 0 }, network.now)
    node.received(ping, { host: '2a00::1', port: 6881 }, network.now)
    assert.equal(node.status(network.now).dropped['wrong-sender'], 2)
    assert.equal(network.sent.length, 0)
  })
})

describe('a query', () => {
  const QUERIES = {
    ping: {},
    find_node: { target: ID },
    get_peers: { info_hash: ID },
    announce_peer: { info_hash: ID, port: 1, token: 't' },
    get: { target: ID },
    put: { token: 't', v: 'v' },
    sample_infohashes: { target: ID },
  } as const
  const OPTIONAL = ['want', 'noseed', 'scrape', 'seed', 'implied_port', 'seq', 'cas', 'salt', 'k', 'sig']
  const WRONG: BencodeInput[] = [-1, 0, 2 ** 53 - 1, '', 'x'.repeat(300), [], [[[]], 1, 'n4'], {}, { id: ID }]

  it('with any key of a wrong type is answered with an error, or as without it', () => {
    const { network, node } = victim({
      queriesPerSecond: 1e6,
      queryBurst: 1e6,
      hostQueriesPerSecond: 1e6,
      hostQueryBurst: 1e6,
    })
    let given = 0
    for (const [method, required] of Object.entries(QUERIES)) {
      for (const key of [...Object.keys(required), 'id', ...OPTIONAL]) {
        for (const wrong of WRONG) {
          const values = { id: ID, ...required, [key]: wrong }
          node.received(encodeBencode({ a: values, q: method, t: 'aa', y: 'q' }), STRANGER, network.now)
          given++
        }
      }
    }
    for (const wrong of WRONG) {
      for (const key of ['a', 'q', 'ro', 'v', 'ip']) {
        node.received(
          encodeBencode({ a: { id: ID }, q: 'ping', t: 'aa', y: 'q', [key]: wrong }),
          STRANGER,
          network.now,
        )
        given++
      }
    }
    network.run(60_000)
    const { sent, dropped } = node.status(network.now)
    assert.equal(sent.answers + sent.errors + dropped['no-type'], given)
    assert.ok(sent.errors > 100 && sent.answers > 100)
  })

  it('of a method that is not known has the error 204', () => {
    const { network, node } = victim()
    node.received(encodeBencode({ a: { id: ID }, q: 'vote', t: 'aa', y: 'q' }), STRANGER, network.now)
    const [answer] = network.sent.map(({ bytes }) => decodeKrpc(bytes))
    assert.ok(typeof answer === 'object' && answer.type === 'error' && answer.code === 204)
  })

  it('with our own id is dropped', () => {
    const { network, node } = victim()
    node.received(encodeBencode({ a: { id: node.id }, q: 'ping', t: 'aa', y: 'q' }), STRANGER, network.now)
    assert.equal(node.status(network.now).dropped['own-id'], 1)
  })
})

describe('an answer', () => {
  /** A query of the victim to a bootstrap node that does not answer by itself. */
  function asked(): { network: VirtualNetwork; node: DhtNode; query: Datagram; transaction: Uint8Array } {
    const { network, node } = victim()
    node.bootstrap([STRANGER], network.now)
    network.run(10)
    const [query] = network.sent
    assert.ok(query)
    const message = decodeKrpc(query.bytes)
    assert.ok(typeof message === 'object')
    return { network, node, query, transaction: message.transaction }
  }
  const respond = (transaction: Uint8Array) =>
    encodeResponse({ transaction, version: undefined, to: VICTIM }, ID, { nodes: new Uint8Array(0) })

  it('from another address or port than was asked is dropped', () => {
    const { network, node, transaction } = asked()
    node.received(respond(transaction), { ...STRANGER, host: '80.2.0.3' }, network.now)
    node.received(respond(transaction), { ...STRANGER, port: 7001 }, network.now)
    assert.equal(node.status(network.now).dropped['wrong-address'], 2)
    assert.equal(node.status(network.now).nodes.good, 0)
  })

  it('with another transaction id is dropped', () => {
    const { network, node, transaction } = asked()
    for (let bit = 0; bit < 32; bit++) {
      const wrong = transaction.slice()
      wrong[bit >> 3] = (wrong[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      node.received(respond(wrong), STRANGER, network.now)
    }
    node.received(respond(transaction.subarray(0, 2)), STRANGER, network.now)
    assert.equal(node.status(network.now).dropped.unasked, 33)
    assert.equal(node.status(network.now).nodes.good, 0)
  })

  it('counts once', () => {
    const { network, node, transaction } = asked()
    for (let i = 0; i < 3; i++) node.received(respond(transaction), STRANGER, network.now)
    assert.equal(node.status(network.now).received.answers, 1)
    assert.equal(node.status(network.now).dropped.unasked, 2)
    assert.equal(node.status(network.now).nodes.good, 1)
  })

  it('names no nodes that only its sender could reach', () => {
    const { network, node, transaction } = asked()
    const local = new Uint8Array([...new Uint8Array(20).fill(9), 127, 0, 0, 1, 0, 80])
    const frame = { transaction, version: undefined, to: VICTIM }
    node.received(encodeResponse(frame, ID, { nodes: local }), STRANGER, network.now)
    network.run(20_000)
    assert.ok(network.sent.every(({ to }) => to.host !== '127.0.0.1'))
  })
})

describe('nodes that lie', () => {
  /** Answers each query with nodes of its own making, ever closer to the target, which do not exist. */
  it('do not keep a lookup from ending', () => {
    const { network, node } = victim()
    const random = new SeededRandom(5)
    const liar = {
      received: (bytes: Uint8Array) => {
        const query = decodeKrpc(bytes)
        if (typeof query === 'string' || query.type !== 'query') return
        const nodes = new Uint8Array(26 * 16)
        for (let at = 0; at < nodes.length; at += 26) {
          nodes.set(new Uint8Array(20).fill(0x5a), at)
          for (let i = 16; i < 26; i++) nodes[at + i] = 1 + random.below(200)
        }
        const frame = { transaction: query.transaction, version: undefined, to: VICTIM }
        network.send(encodeResponse(frame, ID, { nodes, token: ascii('t') }), STRANGER, VICTIM)
      },
    }
    network.place(STRANGER, liar)
    node.bootstrap([STRANGER], network.now)
    let report: LookupReport | undefined
    node.findPeers(
      new Uint8Array(20).fill(0x5a),
      { onPeers: () => undefined, onEnd: ended => (report = ended) },
      network.now,
    )
    assert.ok(network.run(300_000, () => report !== undefined))
    assert.ok(report !== undefined && report.queries <= 125 && report.answers >= 1)
  })
})
