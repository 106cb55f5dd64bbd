import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DhtLimits } from '../../src/dht/limits.js'
import type { DhtNode } from '../../src/dht/node.js'
import { decodeKrpc } from '../../src/protocol/dht/decode.js'
import { encodeQuery, encodeResponse } from '../../src/protocol/dht/encode.js'
import type { Answer, KrpcMessage, Query } from '../../src/protocol/dht/messages.js'
import type { PeerAddress } from '../../src/protocol/peer-address.js'
import { VirtualNetwork } from './virtual-network.js'

const VICTIM = { host: '45.1.0.1', port: 6881 }
const ID = new Uint8Array(20).fill(0x61)
const INFO_HASH = new Uint8Array(20).fill(0x5a)
const MINUTE = 60_000

/** A node, and one that asks it by hand. */
class Served {
  readonly network = new VirtualNetwork(4)
  readonly node: DhtNode
  answersPings = false

  constructor(limits: Partial<DhtLimits> = {}) {
    this.node = this.network.add(VICTIM.host, VICTIM.port, { limits })
  }

  /** Fills the table with nodes that are known to answer. */
  fill(count: number): void {
    for (let i = 0; i < count; i++) {
      const address = { host: `80.${i}.1.1`, port: 6881 }
      const id = new Uint8Array(20).fill(i)
      this.network.place(address, {
        received: (bytes: Uint8Array) => {
          const message = decodeKrpc(bytes)
          if (typeof message === 'string' || message.type !== 'query') return
          const frame = { transaction: message.transaction, version: undefined, to: VICTIM }
          this.network.send(encodeResponse(frame, id, { nodes: new Uint8Array(0) }), address, VICTIM)
        },
      })
      this.node.nodeHeardOf(address, this.network.now)
    }
    this.network.run(5_000)
    this.network.sent.length = 0
  }

  /** The datagrams with which the node answers a query. */
  ask(query: Query, from: PeerAddress, isReadOnly = false): { query: Uint8Array; answers: Uint8Array[] } {
    const frame = { transaction: Uint8Array.of(1, 2), id: ID, isReadOnly, version: undefined }
    const bytes = encodeQuery(frame, query)
    const before = this.network.sent.length
    this.network.place(from, {
      received: (datagram: Uint8Array) => {
        const message = decodeKrpc(datagram)
        if (!this.answersPings || typeof message === 'string' || message.type !== 'query') return
        const pong = encodeResponse(
          { transaction: message.transaction, version: undefined, to: VICTIM },
          ID,
          {},
        )
        this.network.send(pong, from, VICTIM)
      },
    })
    this.node.received(bytes, from, this.network.now)
    this.network.run(5_000)
    const answers = this.network.sent
      .slice(before)
      .filter(({ to, from: sender }) => to.host === from.host && sender.host === VICTIM.host)
      .map(datagram => datagram.bytes)
      .filter(datagram => (decodeKrpc(datagram) as KrpcMessage).type !== 'query')
    return { query: bytes, answers }
  }

  answerTo(query: Query, from: PeerAddress, isReadOnly = false): Answer {
    const [datagram] = this.ask(query, from, isReadOnly).answers
    const message = datagram && decodeKrpc(datagram)
    assert.ok(typeof message === 'object' && message.type === 'response', JSON.stringify(message))
    return message.answer
  }

  codeOf(query: Query, from: PeerAddress): number {
    const [datagram] = this.ask(query, from).answers
    const message = datagram && decodeKrpc(datagram)
    return typeof message === 'object' && message.type === 'error' ? message.code : 0
  }
}

const PEER = { host: '90.1.1.1', port: 5000 }
const GET_PEERS: Query = { type: 'get_peers', infoHash: INFO_HASH, want: [], noSeeds: false, isScrape: false }

function announce(token: Uint8Array, infoHash = INFO_HASH, port = 6881): Query {
  return { type: 'announce_peer', infoHash, port, isPortImplied: false, token, isSeed: false }
}

describe('a token (BEP 5)', () => {
  it('is needed to announce, from the same address and for the same info hash', () => {
    const served = new Served()
    const { token } = served.answerTo(GET_PEERS, PEER)
    assert.ok(token)
    assert.equal(served.codeOf(announce(Uint8Array.of(1)), PEER), 203)
    assert.equal(served.codeOf(announce(token), { ...PEER, host: '90.1.1.2' }), 203)
    assert.equal(served.codeOf(announce(token, ID), PEER), 203)
    assert.equal(served.codeOf(announce(token), { ...PEER, port: 5001 }), 0)
    const { values } = served.answerTo(GET_PEERS, PEER)
    assert.deepEqual(values, [Uint8Array.of(90, 1, 1, 1, 6881 >> 8, 6881 & 0xff)])
  })

  it('is accepted for at least five minutes and not after ten', () => {
    const served = new Served()
    const { token } = served.answerTo(GET_PEERS, PEER)
    assert.ok(token)
    served.network.run(5 * MINUTE - 20_000)
    assert.equal(served.codeOf(announce(token), PEER), 0)
    served.network.run(5 * MINUTE + 20_000)
    assert.equal(served.codeOf(announce(token), PEER), 203)
  })
})

describe('stored peers', () => {
  it('are forgotten after 45 minutes without an announce', () => {
    const served = new Served()
    const { token } = served.answerTo(GET_PEERS, PEER)
    assert.equal(served.codeOf(announce(token ?? ID), PEER), 0)
    served.network.run(44 * MINUTE)
    assert.equal(served.answerTo(GET_PEERS, PEER).values?.length, 1)
    served.network.run(2 * MINUTE)
    assert.equal(served.answerTo(GET_PEERS, PEER).values, undefined)
    assert.equal(served.node.status(served.network.now).stored.hashes, 0)
  })

  it('are one for each address (BEP 33), and at most as many as there is room for', () => {
    const served = new Served({
      peersPerHash: 3,
      peersPerHost: 5,
      queriesPerSecond: 1e6,
      hostQueriesPerSecond: 1e6,
    })
    for (let i = 1; i <= 5; i++) {
      const from = { host: `90.1.1.${i}`, port: 5000 }
      const { token } = served.answerTo(GET_PEERS, from)
      if (i > 3) {
        assert.equal(token, undefined, 'no token where no more are stored')
        continue
      }
      assert.equal(served.codeOf(announce(token ?? ID), from), 0)
      assert.equal(served.codeOf(announce(token ?? ID, INFO_HASH, 7000), from), 0)
    }
    assert.equal(served.node.status(served.network.now).stored.peers, 3)
    const codes = [1, 2, 3, 4, 5].map(byte => {
      const infoHash = new Uint8Array(20).fill(byte)
      const { token } = served.answerTo({ ...GET_PEERS, infoHash }, PEER)
      return served.codeOf(announce(token ?? ID, infoHash), PEER)
    })
    assert.deepEqual(codes, [0, 0, 0, 0, 202], 'the host has a share of five')
  })
})

describe('an answer', () => {
  const LARGE: Query[] = [
    { type: 'find_node', target: INFO_HASH, want: ['ipv4', 'ipv6'] },
    GET_PEERS,
    { ...GET_PEERS, isScrape: true },
    { type: 'get', target: INFO_HASH, want: [], sequence: undefined },
    { type: 'sample_infohashes', target: INFO_HASH, want: [] },
    { type: 'ping' },
  ]

  it('is at most three times as long as a query whose sender may be forged', () => {
    const served = new Served({ queriesPerSecond: 1e6, queryBurst: 1e6 })
    served.fill(60)
    for (let i = 0; i < 40; i++) {
      const from = { host: `91.${i}.1.1`, port: 5000 }
      const { token } = served.answerTo(GET_PEERS, from)
      assert.equal(served.codeOf(announce(token ?? ID), from), 0)
    }
    let checked = 0
    for (const query of LARGE) {
      const { query: asked, answers } = served.ask(query, { host: `92.${checked++}.1.1`, port: 5000 })
      assert.equal(answers.length, 1)
      assert.ok(
        (answers[0]?.length ?? 0) <= 3 * asked.length,
        `${query.type}: ${answers[0]?.length} to ${asked.length}`,
      )
    }
  })

  it('is whole for a node that answers a ping first: filters of a scrape (BEP 33)', () => {
    const served = new Served()
    const { token } = served.answerTo(GET_PEERS, PEER)
    served.codeOf(announce(token ?? ID), PEER)
    const scrape: Query = { ...GET_PEERS, isScrape: true }
    assert.equal(served.answerTo(scrape, { host: '93.1.1.1', port: 1 }).peerFilter, undefined)
    served.answersPings = true
    assert.equal(served.answerTo(scrape, { host: '93.2.1.1', port: 1 }).peerFilter?.length, 256)
    assert.equal(
      served.answerTo(scrape, { host: '93.3.1.1', port: 1 }, true).peerFilter,
      undefined,
      'a read-only node',
    )
  })

  it('has at most 1,024 bytes (BEP 32)', () => {
    const served = new Served({ queriesPerSecond: 1e6, queryBurst: 1e6 })
    served.fill(60)
    served.answersPings = true
    for (let i = 0; i < 200; i++) {
      const from = { host: `91.${i}.1.1`, port: 5000 }
      const { token } = served.answerTo(GET_PEERS, from)
      served.codeOf(announce(token ?? ID), from)
    }
    const { answers } = served.ask({ ...GET_PEERS, isScrape: true }, { host: '91.1.1.1', port: 5000 })
    assert.ok((answers[0]?.length ?? 0) > 800 && (answers[0]?.length ?? 0) <= 1_024)
  })
})

describe('queries of one address', () => {
  it('are answered up to a rate, and those of others meanwhile', () => {
    const served = new Served()
    const ping = encodeQuery(
      { transaction: Uint8Array.of(1), id: ID, isReadOnly: true, version: undefined },
      { type: 'ping' },
    )
    for (let i = 0; i < 300; i++) served.node.received(ping, PEER, served.network.now)
    const { sent, dropped } = served.node.status(served.network.now)
    assert.deepEqual([sent.answers, dropped['rate-limited']], [100, 200])
    served.node.received(ping, { ...PEER, host: '90.1.1.2' }, served.network.now)
    assert.equal(served.node.status(served.network.now).sent.answers, 101)
    served.network.run(1_000)
    for (let i = 0; i < 300; i++) served.node.received(ping, PEER, served.network.now)
    assert.equal(served.node.status(served.network.now).sent.answers, 111, 'ten more a second')
  })
})

describe('a read-only node (BEP 43)', () => {
  it('answers nothing, says so, and is put into no table', () => {
    const network = new VirtualNetwork(1)
    const node = network.add(VICTIM.host, VICTIM.port)
    const reader = network.add('80.1.1.1', 6881, { isReadOnly: true })
    reader.bootstrap([VICTIM], network.now)
    network.run(20_000)
    assert.equal(reader.status(network.now).nodes.good, 1)
    assert.equal(node.status(network.now).nodes.good, 0)
    assert.equal(node.status(network.now).sent.queries, 0)
    reader.received(
      encodeQuery({ transaction: ID, id: ID, isReadOnly: false, version: undefined }, { type: 'ping' }),
      VICTIM,
      network.now,
    )
    assert.equal(reader.status(network.now).dropped['read-only'], 1)
    assert.equal(reader.status(network.now).sent.answers, 0)
  })
})
