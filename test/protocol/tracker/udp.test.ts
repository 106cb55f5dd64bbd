import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { describe, it } from 'node:test'
import { SeededRandom } from '../../../src/base/random.js'
import type { AnnounceRequest } from '../../../src/protocol/tracker/announce-request.js'
import { MAX_PEERS } from '../../../src/protocol/tracker/announce-response.js'
import { decodeUdpAnswer, transactionIdOf } from '../../../src/protocol/tracker/udp/answers.js'
import { encodeAnnounce, encodeConnect } from '../../../src/protocol/tracker/udp/requests.js'
import { encodeUrlData } from '../../../src/protocol/tracker/udp/url-data.js'

const CONNECTION = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)

const REQUEST: AnnounceRequest = {
  infoHash: new Uint8Array(20).fill(0xaa),
  peerId: new Uint8Array(20).fill(0xbb),
  port: 6881,
  uploaded: 3,
  downloaded: 2 ** 40,
  left: Number.MAX_SAFE_INTEGER,
  event: 'started',
  numwant: undefined,
  compact: true,
  noPeerId: true,
  key: 0xfedcba98,
  trackerId: undefined,
  encryption: undefined,
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const bytes = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'))

describe('a request to a UDP tracker', () => {
  it('to connect has 16 bytes', () => {
    assert.equal(hex(encodeConnect(0xdeadbeef)), '0000041727101980' + '00000000' + 'deadbeef')
  })

  it('to announce has 98 bytes', () => {
    assert.equal(
      hex(encodeAnnounce(CONNECTION, 7, REQUEST, '')),
      [
        ...['0102030405060708', '00000001', '00000007', 'aa'.repeat(20), 'bb'.repeat(20)],
        ...['0000010000000000', '001fffffffffffff', '0000000000000003', '00000002', '00000000'],
        ...['fedcba98', 'ffffffff', '1ae1'],
      ].join(''),
    )
  })

  it('has a number for each event', () => {
    const numbers = (['completed', 'started', 'stopped', 'paused', undefined] as const).map(
      event => encodeAnnounce(CONNECTION, 7, { ...REQUEST, event }, '')[83],
    )
    assert.deepEqual(numbers, [1, 2, 3, 0, 0])
  })

  it('says how many peers are wanted', () => {
    assert.equal(
      hex(encodeAnnounce(CONNECTION, 7, { ...REQUEST, numwant: 0 }, '').subarray(92, 96)),
      '00000000',
    )
  })

  it('holds path and query behind it, in options of 255 bytes', () => {
    assert.equal(hex(encodeUrlData('')), '')
    assert.deepEqual(encodeUrlData('/dir?a=b&c=d'), new Uint8Array(Buffer.from('\x02\x0c/dir?a=b&c=d')))
    const long = encodeUrlData('x'.repeat(256))
    assert.deepEqual(
      [long.length, long[0], long[1], long[257], long[258], long[259]],
      [260, 2, 255, 2, 1, 0x78],
    )
    const whole = encodeAnnounce(CONNECTION, 7, REQUEST, '/a')
    assert.equal(hex(whole.subarray(98)), '02022f61')
  })
})

describe('an answer of a UDP tracker', () => {
  const ANNOUNCED = bytes('00000001 00000007 00000708 00000002 00000003 c0000201 1ae1 c0000202 0050')

  it('gives a connection id', () => {
    const answer = decodeUdpAnswer(bytes('00000000 00000007 0102030405060708 ff'), 'ipv4')
    assert.deepEqual(answer, { type: 'connected', connectionId: CONNECTION })
  })

  it('gives peers of the family that it came over', () => {
    const common = { type: 'announced', interval: 1800, leechers: 2, seeders: 3 }
    const peers = [
      { host: '192.0.2.1', port: 6881 },
      { host: '192.0.2.2', port: 80 },
    ]
    assert.deepEqual(decodeUdpAnswer(ANNOUNCED, 'ipv4'), { ...common, peers })
    const ipv6 = bytes(`${hex(ANNOUNCED.subarray(0, 20))} 20010db8000000000000000000000001 1ae1`)
    assert.deepEqual(decodeUdpAnswer(ipv6, 'ipv6'), {
      ...common,
      peers: [{ host: '2001:db8::1', port: 6881 }],
    })
  })

  it('gives no more peers than one takes, and no numbers that make no sense', () => {
    const crowd = new Uint8Array(20 + 6 * (MAX_PEERS + 1)).fill(7)
    crowd.set(bytes('00000001 00000007 ffffffff 80000000 00000000'))
    const answer = decodeUdpAnswer(crowd, 'ipv4')
    assert.ok(answer?.type === 'announced')
    assert.deepEqual(
      [answer.peers.length, answer.interval, answer.leechers, answer.seeders],
      [MAX_PEERS, undefined, undefined, 0],
    )
  })

  it('gives the counts of swarms', () => {
    assert.deepEqual(
      decodeUdpAnswer(bytes('00000002 00000007 00000001 00000002 00000003 ffffffff'), 'ipv4'),
      {
        type: 'scraped',
        swarms: [{ seeders: 1, downloads: 2, leechers: 3 }],
      },
    )
  })

  it('gives a refusal, on one line that is safe to show', () => {
    const text = Buffer.from('no\u0000\n\u202etorrent')
    assert.deepEqual(decodeUdpAnswer(Buffer.concat([bytes('00000003 00000007'), text]), 'ipv4'), {
      type: 'refused',
      reason: 'no torrent',
    })
  })

  it('that is cut anywhere is none, or has fewer peers', () => {
    for (let length = 0; length <= ANNOUNCED.length; length++) {
      const answer = decodeUdpAnswer(ANNOUNCED.subarray(0, length), 'ipv4')
      if (length < 20) assert.equal(answer, undefined)
      else assert.equal(answer?.type === 'announced' && answer.peers.length, Math.floor((length - 20) / 6))
      assert.equal(transactionIdOf(ANNOUNCED.subarray(0, length)), length < 8 ? undefined : 7)
    }
  })

  it('may be any bytes of any length', () => {
    const seed = randomInt(2 ** 32)
    const random = new SeededRandom(seed)
    const types = new Set<string>()
    for (let length = 0; length <= 1500; length++) {
      for (const family of ['ipv4', 'ipv6'] as const) {
        const datagram = Uint8Array.from({ length }, () => random.below(256))
        if (length >= 4) datagram.set([0, 0, 0, random.below(5)])
        const answer = decodeUdpAnswer(datagram, family)
        types.add(answer?.type ?? 'none')
        if (answer?.type === 'announced') {
          assert.ok(answer.peers.length <= (length - 20) / (family === 'ipv4' ? 6 : 18), `seed ${seed}`)
        }
      }
    }
    assert.deepEqual([...types].sort(), ['announced', 'connected', 'none', 'refused', 'scraped'])
  })
})
