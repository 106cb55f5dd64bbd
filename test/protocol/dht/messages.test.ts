import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decodeKrpc } from '../../../src/protocol/dht/decode.js'
import { encodeError, encodeQuery, encodeResponse } from '../../../src/protocol/dht/encode.js'
import type { KrpcMessage, Query } from '../../../src/protocol/dht/messages.js'

const ascii = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

const QUERYING = ascii('abcdefghij0123456789')
const QUERIED = ascii('mnopqrstuvwxyz123456')
const FRAME = { transaction: ascii('aa'), id: QUERYING, isReadOnly: false, version: undefined }

function decoded(datagram: string | Uint8Array): KrpcMessage {
  const message = decodeKrpc(typeof datagram === 'string' ? ascii(datagram) : datagram)
  assert.notEqual(typeof message, 'string', String(message))
  return message as KrpcMessage
}

function queryIn(datagram: string): Query {
  const message = decoded(datagram)
  assert.equal(message.type, 'query')
  return (message as KrpcMessage & { type: 'query' }).query
}

/** Each of BEP 5, as it is printed there. */
const QUERIES: readonly [datagram: string, query: Query][] = [
  ['d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe', { type: 'ping' }],
  [
    'd1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz123456e1:q9:find_node1:t2:aa1:y1:qe',
    { type: 'find_node', target: QUERIED, want: [] },
  ],
  [
    'd1:ad2:id20:abcdefghij01234567899:info_hash20:mnopqrstuvwxyz123456e1:q9:get_peers1:t2:aa1:y1:qe',
    { type: 'get_peers', infoHash: QUERIED, want: [], noSeeds: false, isScrape: false },
  ],
  [
    'd1:ad2:id20:abcdefghij012345678912:implied_porti1e9:info_hash20:mnopqrstuvwxyz1234564:porti6881e5:token8:aoeusnthe1:q13:announce_peer1:t2:aa1:y1:qe',
    {
      type: 'announce_peer',
      infoHash: QUERIED,
      port: 6881,
      isPortImplied: true,
      token: ascii('aoeusnth'),
      isSeed: false,
    },
  ],
]

describe('the messages of BEP 5', () => {
  for (const [datagram, query] of QUERIES) {
    it(`${query.type} is read and written as it is printed there`, () => {
      const message = decoded(datagram)
      assert.deepEqual(message, {
        type: 'query',
        transaction: ascii('aa'),
        id: QUERYING,
        isReadOnly: false,
        query,
      })
      assert.equal(text(encodeQuery(FRAME, query)), datagram)
    })
  }

  it('responses are read', () => {
    const peers = decoded(
      'd1:rd2:id20:abcdefghij01234567895:token8:aoeusnth6:valuesl6:axje.u6:idhtnmee1:t2:aa1:y1:re',
    )
    assert.equal(peers.type, 'response')
    if (peers.type !== 'response') return
    assert.deepEqual(peers.answer.values, [ascii('axje.u'), ascii('idhtnm')])
    assert.deepEqual(peers.answer.token, ascii('aoeusnth'))
    const nodes = decoded('d1:rd2:id20:0123456789abcdefghij5:nodes9:def456...e1:t2:aa1:y1:re')
    assert.equal(nodes.type === 'response' && text(nodes.answer.nodes ?? new Uint8Array()), 'def456...')
  })

  it('a response is written with the address of the node that asked (BEP 42)', () => {
    const frame = { transaction: ascii('aa'), version: undefined, to: { host: '45.1.2.3', port: 0x4142 } }
    assert.equal(
      text(encodeResponse(frame, QUERIED, {})),
      'd2:ip6:\x2d\x01\x02\x03AB1:rd2:id20:mnopqrstuvwxyz123456e1:t2:aa1:y1:re',
    )
  })

  it('an error is read and written', () => {
    const error = decoded('d1:eli201e23:A Generic Error Ocurrede1:t2:aa1:y1:ee')
    assert.deepEqual(error, {
      type: 'error',
      transaction: ascii('aa'),
      outsideHost: undefined,
      code: 201,
      message: 'A Generic Error Ocurred',
    })
    const frame = { transaction: ascii('aa'), version: undefined, to: { host: '45.1.2.3', port: 0x4142 } }
    assert.equal(
      text(encodeError(frame, 201, 'A Generic Error Ocurred')),
      'd1:eli201e23:A Generic Error Ocurrede2:ip6:\x2d\x01\x02\x03AB1:t2:aa1:y1:ee',
    )
  })
})

describe('the extensions of queries', () => {
  it('want names families (BEP 32)', () => {
    const datagram =
      'd1:ad2:id20:abcdefghij01234567896:target20:mnopqrstuvwxyz1234564:wantl2:n42:n62:xxee1:q9:find_node1:t2:aa1:y1:qe'
    assert.deepEqual(queryIn(datagram), { type: 'find_node', target: QUERIED, want: ['ipv4', 'ipv6'] })
    const encoded = encodeQuery(FRAME, { type: 'find_node', target: QUERIED, want: ['ipv4', 'ipv6'] })
    assert.equal(text(encoded), datagram.replace('2:xx', ''))
  })

  it('ro says that the sender answers nothing (BEP 43)', () => {
    const encoded = encodeQuery({ ...FRAME, isReadOnly: true, version: ascii('TT01') }, { type: 'ping' })
    assert.equal(text(encoded), 'd1:ad2:id20:abcdefghij0123456789e1:q4:ping2:roi1e1:t2:aa1:v4:TT011:y1:qe')
    const message = decoded(encoded)
    assert.ok(message.type === 'query' && message.isReadOnly)
  })

  it('noseed, scrape and seed are of BEP 33', () => {
    const get: Query = { type: 'get_peers', infoHash: QUERIED, want: [], noSeeds: true, isScrape: true }
    assert.deepEqual(queryIn(text(encodeQuery(FRAME, get))), get)
    const announce: Query = {
      type: 'announce_peer',
      infoHash: QUERIED,
      port: 1,
      isPortImplied: false,
      token: ascii('t'),
      isSeed: true,
    }
    assert.deepEqual(queryIn(text(encodeQuery(FRAME, announce))), announce)
  })

  it('get, put and sample_infohashes survive being written and read (BEP 44, 51)', () => {
    const queries: Query[] = [
      { type: 'get', target: QUERIED, want: [], sequence: 4 },
      {
        type: 'put',
        token: ascii('t'),
        item: { type: 'immutable', value: ascii('12:Hello World!') },
        expectedSequence: undefined,
      },
      {
        type: 'put',
        token: ascii('t'),
        item: {
          type: 'mutable',
          value: ascii('d1:ai1ee'),
          publicKey: new Uint8Array(32).fill(1),
          signature: new Uint8Array(64).fill(2),
          sequence: 9,
          salt: ascii('foobar'),
        },
        expectedSequence: 8,
      },
      { type: 'sample_infohashes', target: QUERIED, want: ['ipv6'] },
    ]
    for (const query of queries) assert.deepEqual(queryIn(text(encodeQuery(FRAME, query))), query)
  })
})
