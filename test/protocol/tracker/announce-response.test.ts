import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { concatBytes, toUtf8 } from '../../../src/base/bytes.js'
import { type BencodeInput, encodeBencode } from '../../../src/protocol/bencode/encode.js'
import { encodeCompact, hostFromBytes } from '../../../src/protocol/peer-address.js'
import { encodeAnnounceAnswer, encodeFailure } from '../../../src/protocol/tracker/announce-answer.js'
import {
  type AnnounceSuccess,
  decodeAnnounceResponse,
  MAX_NAMED_PEERS,
  MAX_PEERS,
} from '../../../src/protocol/tracker/announce-response.js'
import { TrackerMessageError } from '../../../src/protocol/tracker/message-error.js'
import { defined } from '../../defined.js'

function decode(value: BencodeInput) {
  return decodeAnnounceResponse(encodeBencode(value))
}

function success(value: BencodeInput): AnnounceSuccess {
  const response = decode(value)
  assert.equal(response.type, 'success')
  return response as AnnounceSuccess
}

const host = fc
  .oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 }))
  .filter(bytes => bytes.some(byte => byte !== 0))
  .map(bytes => defined(hostFromBytes(bytes)))
const address = fc.record({ host, port: fc.integer({ min: 1, max: 65_535 }) })

describe('the answer to an announce', () => {
  it('brings every peer of both families, packed and as dictionaries', () => {
    const format = fc.constantFrom('compact', 'dictionaries', 'dictionaries-without-ids')
    fc.assert(
      fc.property(fc.array(address, { maxLength: 20 }), host, format, (peers, externalHost, format) => {
        const listed = peers.map(peer => ({
          compact: defined(encodeCompact(peer)),
          peerId: new Uint8Array(20),
        }))
        const counts = { interval: 1800, minInterval: 60, complete: 1, incomplete: 2, downloaded: 3 }
        const bytes = encodeAnnounceAnswer({ ...counts, externalHost, peers: listed, format })
        const decoded = decodeAnnounceResponse(bytes) as AnnounceSuccess
        const text = (peer: { host: string; port: number }) => `${peer.host} ${peer.port}`
        assert.deepEqual(decoded.peers.map(text).sort(), peers.map(text).sort())
        assert.equal(decoded.externalHost, externalHost)
        assert.deepEqual([decoded.interval, decoded.minInterval], [1800, 60])
        assert.deepEqual([decoded.complete, decoded.incomplete], [1, 2])
      }),
    )
  })

  it('may be empty', () => {
    const { peers, interval, trackerId, warning } = success({})
    assert.deepEqual(
      { peers, interval, trackerId, warning },
      {
        peers: [],
        interval: undefined,
        trackerId: undefined,
        warning: undefined,
      },
    )
  })

  it('carries a tracker id as raw bytes, and a warning', () => {
    const id = Uint8Array.of(0, 255, 37)
    const { trackerId, warning } = success({ 'tracker id': id, 'warning message': 'soon\nclosed' })
    assert.deepEqual(trackerId, id)
    assert.equal(warning, 'soon closed')
  })

  it('passes over dictionaries of peers that make no sense', () => {
    const good = { ip: '192.0.2.1', port: 80 }
    const nonsense: BencodeInput[] = [
      1,
      'x',
      [],
      {},
      { ip: '0.0.0.0', port: 80 },
      { ip: '::', port: 80 },
      { ip: '127.1', port: 80 },
      { ip: 'no name', port: 80 },
      { ip: 'tracker.example', port: 0 },
      { ip: '192.0.2.2', port: 0 },
      { ip: '192.0.2.2', port: 65_536 },
      { ip: '192.0.2.2', port: -1 },
      { ip: '192.0.2.2', port: '80' },
      { ip: 1, port: 80 },
      { ip: Uint8Array.of(255, 254), port: 80 },
      { port: 80 },
    ]
    const { peers, namedPeers } = success({ peers: [...nonsense, good] })
    assert.deepEqual(peers, [{ host: '192.0.2.1', port: 80 }])
    assert.deepEqual(namedPeers, [])
  })

  it('keeps peers with a name in place of an address apart (BEP 3): each once, and few of them', () => {
    const named = Array.from({ length: 40 }, (_, i) => ({ ip: `host${i >> 1}.example`, port: 80 }))
    const { peers, namedPeers } = success({ peers: [{ ip: '192.0.2.1', port: 80 }, ...named] })
    assert.deepEqual(peers, [{ host: '192.0.2.1', port: 80 }])
    assert.equal(namedPeers.length, MAX_NAMED_PEERS)
    assert.deepEqual(namedPeers.slice(0, 2), [
      { name: 'host0.example', port: 80 },
      { name: 'host1.example', port: 80 },
    ])
  })

  it('takes the whole entries of a packed list that is cut, as libtorrent does', () => {
    const packed = Uint8Array.of(192, 0, 2, 1, 0, 80, 192, 0, 2)
    const packed6 = new Uint8Array(35).fill(1)
    const { peers } = success({ peers: packed, peers6: packed6 })
    assert.equal(peers.length, 2)
    assert.deepEqual(peers[0], { host: '192.0.2.1', port: 80 })
  })

  it('passes over every optional key of another type, and goes on with the others', () => {
    const good = {
      interval: 900,
      'min interval': 60,
      complete: 1,
      incomplete: 2,
      'tracker id': 'id',
      'warning message': 'soon',
      'external ip': Uint8Array.of(192, 0, 2, 9),
      peers: Uint8Array.of(192, 0, 2, 1, 0, 80),
      peers6: new Uint8Array(18).fill(1),
    }
    const fields = {
      interval: 'interval',
      'min interval': 'minInterval',
      complete: 'complete',
      incomplete: 'incomplete',
      'tracker id': 'trackerId',
      'warning message': 'warning',
      'external ip': 'externalHost',
    } as const
    const expected = success(good)
    for (const key of Object.keys(good) as (keyof typeof good)[]) {
      for (const odd of [-5, 'x', ['x'], { a: 1 }, []]) {
        const answer = success({ ...good, [key]: odd })
        for (const other of Object.keys(fields) as (keyof typeof fields)[]) {
          if (other !== key)
            assert.deepEqual(answer[fields[other]], expected[fields[other]], `${key} ${other}`)
        }
        assert.ok(answer.peers.length >= 1, key)
      }
    }
    assert.deepEqual(success({ peers: 5, peers6: {}, 'failure reason': 7 }).peers, [])
  })

  it('takes our own address also as text', () => {
    const host = (value: BencodeInput) => success({ 'external ip': value }).externalHost
    assert.equal(host('192.0.2.9'), '192.0.2.9')
    assert.equal(host('2001:db8::9'), '2001:db8::9')
    assert.equal(host(Uint8Array.of(192, 0, 2, 9)), '192.0.2.9')
    for (const odd of ['', 'x', '1'.repeat(1_000), 5]) assert.equal(host(odd), undefined)
  })

  it('holds no more peers than anybody needs', () => {
    const packed = new Uint8Array(6 * (MAX_PEERS + 10)).fill(1)
    const packed6 = new Uint8Array(18 * 10).fill(1)
    assert.equal(success({ peers: packed, peers6: packed6 }).peers.length, MAX_PEERS)
  })

  for (const [what, value] of [
    ['a zero interval', 0],
    ['a negative interval', -5],
    ['an interval in words', 'soon'],
  ] as const) {
    it(`counts ${what} as none`, () => assert.equal(success({ interval: value }).interval, undefined))
  }

  it('is read whatever stands behind it: every answer of aquatic_http ends in CRLF', () => {
    const answer = encodeBencode({ interval: 1800, peers: Uint8Array.of(192, 0, 2, 1, 0, 80) })
    for (const tail of ['\r\n', '\n', '\0\0', 'e', '<!-- cached -->']) {
      const decoded = decodeAnnounceResponse(concatBytes([answer, toUtf8(tail)]))
      assert.deepEqual(decoded, decodeAnnounceResponse(answer))
      assert.deepEqual(decoded.type === 'success' && decoded.peers, [{ host: '192.0.2.1', port: 80 }])
    }
  })

  const refused: [what: string, bytes: Uint8Array, code: string][] = [
    ['nothing', new Uint8Array(), 'not-bencoded'],
    ['a page', toUtf8('<html></html>'), 'not-bencoded'],
    ['a list', toUtf8('le'), 'not-bencoded'],
    ['a truncated dictionary', toUtf8('d8:intervali18'), 'not-bencoded'],
    ['endless nesting', toUtf8('l'.repeat(100_000)), 'not-bencoded'],
  ]
  for (const [what, bytes, code] of refused) {
    it(`is refused with ${what}`, () => {
      assert.throws(
        () => decodeAnnounceResponse(bytes),
        (error: unknown) => error instanceof TrackerMessageError && error.code === code,
      )
    })
  }
})

describe('a refusal', () => {
  it('says why, and when to ask again', () => {
    assert.deepEqual(decodeAnnounceResponse(encodeFailure('overloaded', 5)), {
      type: 'failure',
      reason: 'overloaded',
      retryIn: 5,
    })
    assert.deepEqual(decodeAnnounceResponse(encodeFailure('no tracker', 'never')), {
      type: 'failure',
      reason: 'no tracker',
      retryIn: 'never',
    })
  })

  it('counts whatever stands beside it, as in libtorrent and Transmission', () => {
    const peers = Uint8Array.of(192, 0, 2, 1, 0, 80)
    assert.equal(decode({ 'failure reason': 'no', peers, interval: 1800 }).type, 'failure')
    assert.equal(decode({ 'failure reason': '' }).type, 'failure')
  })

  it('without a word beside peers is none, as in Transmission', () => {
    const peers = Uint8Array.of(192, 0, 2, 1, 0, 80)
    assert.equal(success({ 'failure reason': '', 'warning message': '', peers }).peers.length, 1)
    assert.equal(success({ 'warning message': '' }).warning, undefined)
  })

  it('may give the minutes as text, as the example of BEP 31 does', () => {
    const response = decode({ 'failure reason': 'overloaded', 'retry in': '5' })
    assert.equal(response.type === 'failure' && response.retryIn, 5)
  })

  for (const retryIn of [0, -1, 'tomorrow', '1e9', []]) {
    it(`with ${JSON.stringify(retryIn)} minutes names no time`, () => {
      const response = decode({ 'failure reason': 'x', 'retry in': retryIn })
      assert.deepEqual(response, { type: 'failure', reason: 'x', retryIn: undefined })
    })
  }

  it('is fit to be shown: one line, no control, direction or zero-width characters, not endless', () => {
    const response = decode({ 'failure reason': `\u001b[31mred\u202e\u200b\r\nline${'x'.repeat(9000)}` })
    assert.ok(response.type === 'failure')
    assert.match(response.reason, /^\[31mred linex+…$/)
    assert.ok(response.reason.length < 310)
  })
})
