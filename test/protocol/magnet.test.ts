import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { toHex } from '../../src/base/bytes.js'
import { rangesOf } from '../../src/protocol/file-ranges.js'
import {
  type Magnet,
  MagnetError,
  type MagnetErrorCode,
  parseMagnet,
  toMagnet,
} from '../../src/protocol/magnet.js'
import { parseMetainfo } from '../../src/protocol/metainfo/parse.js'
import { contentOf, digests, makeTorrent } from './metainfo/making.js'

const V1 = '0123456789abcdef0123456789abcdef01234567'
const V2 = `${V1}89abcdef0123456789abcdef`

function refuses(text: string, code: MagnetErrorCode): void {
  assert.throws(
    () => parseMagnet(text),
    (thrown: unknown) => thrown instanceof MagnetError && thrown.code === code,
  )
}

describe('reading', () => {
  test('everything a link can say', () => {
    const magnet = parseMagnet(
      `magnet:?xt=urn:btih:${V1}&xt=urn:btmh:1220${V2}&dn=a%20name&xl=1234` +
        '&tr=http%3A%2F%2Ft.example%2Fannounce%3Fkey%3D1&tr=udp://u.example:80&ws=http://w.example/' +
        '&x.pe=10.0.0.1:6881&x.pe=[2001:db8::1]:6882&x.pe=host.example:1&so=0,2-4',
    )
    assert.equal(toHex(magnet.infoHashV1 ?? new Uint8Array(0)), V1)
    assert.equal(toHex(magnet.infoHashV2 ?? new Uint8Array(0)), V2)
    assert.equal(magnet.name, 'a name')
    assert.equal(magnet.size, 1_234)
    assert.deepEqual(magnet.trackers, [['http://t.example/announce?key=1'], ['udp://u.example:80']])
    assert.deepEqual(magnet.webSeeds, ['http://w.example/'])
    assert.deepEqual(magnet.selectOnly, [
      { first: 0, last: 0 },
      { first: 2, last: 4 },
    ])
    assert.deepEqual(magnet.peers, [
      { host: '10.0.0.1', port: 6_881 },
      { host: '2001:db8::1', port: 6_882 },
      { host: 'host.example', port: 1 },
    ])
  })

  test('a v1 hash in base32, in either case', () => {
    // The twenty bytes 0 to 19, encoded by Python's base64 module.
    const expected = toHex(Uint8Array.from({ length: 20 }, (_, i) => i))
    for (const text of ['AAAQEAYEAUDAOCAJBIFQYDIOB4IBCEQT', 'aaaqeayeaudaocajbifqydiob4ibceqt']) {
      assert.equal(
        toHex(parseMagnet(`magnet:?xt=urn:btih:${text}`).infoHashV1 ?? new Uint8Array(0)),
        expected,
      )
    }
  })

  test('what people and pages make of links', () => {
    const magnet = parseMagnet(
      `  MAGNET:?xt.1=urn:btih:${V1.toUpperCase()}&amp;dn=a+b%2Bc&amp;tr.1=http://a/&tr.2=http://b/&tr=http://a/&x&=\n`,
    )
    assert.equal(toHex(magnet.infoHashV1 ?? new Uint8Array(0)), V1)
    assert.equal(magnet.name, 'a b+c')
    assert.deepEqual(magnet.trackers, [['http://a/'], ['http://b/']])
  })

  test('the same hash twice, beside topics of other networks', () => {
    const magnet = parseMagnet(`magnet:?xt=urn:btih:${V1}&xt=urn:sha1:ABC&xt=urn:ed2k:31D&xt=urn:btih:${V1}`)
    assert.equal(toHex(magnet.infoHashV1 ?? new Uint8Array(0)), V1)
    assert.equal(magnet.infoHashV2, undefined)
  })

  test('broken percent-encoding stands for itself, and bytes that are no UTF-8 become U+FFFD', () => {
    const { name } = parseMagnet(`magnet:?xt=urn:btih:${V1}&dn=100%&dn=other`)
    assert.equal(name, '100%')
    assert.equal(parseMagnet(`magnet:?xt=urn:btih:${V1}&dn=%zz%ff%C3%BC`).name, '%zz\ufffdü')
  })

  test('a name as long as a link may be, in any script and encoding', () => {
    const link = `magnet:?xt=urn:btih:${V1}&dn=`
    const room = 2 ** 16 - link.length
    for (const character of ['ü', '漢', '\u{1f600}', '%', 'x']) {
      const name = character.repeat(Math.floor(room / character.length))
      assert.equal(parseMagnet(link + name).name, name)
    }
    const encoded = '%E6%BC%A2'.repeat(Math.floor(room / 9))
    assert.equal(parseMagnet(link + encoded).name, '漢'.repeat(encoded.length / 9))
  })

  test('peers and sizes that are none are passed over, with a warning for each', () => {
    const peers = ['nohost', ':80', 'h:0', 'h:65536', 'h:x', 'a b:1', '[zz]:1', 'h:1/x', 'u@h:1']
    const magnet = parseMagnet(
      `magnet:?xt=urn:btih:${V1}&xl=-1&xl=1e9&${peers.map(peer => `x.pe=${peer}`).join('&')}`,
    )
    assert.deepEqual(magnet.peers, [])
    assert.equal(magnet.size, undefined)
    assert.deepEqual(magnet.warnings.slice(0, 3), [
      'xl=-1 in the link is ignored: not a number of bytes',
      'xl=1e9 in the link is ignored: not a number of bytes',
      'x.pe=nohost in the link is ignored: not a peer as host:port',
    ])
    assert.equal(magnet.warnings.at(-1), '1 more parameters of the link are ignored')
  })

  test('addresses without a scheme are passed over, and so are more than a hundred of a kind', () => {
    const bad = parseMagnet(`magnet:?xt=urn:btih:${V1}&tr=t.example:80&tr=&ws=/path&tr=udp://t.example:80`)
    assert.deepEqual([bad.trackers, bad.webSeeds], [[['udp://t.example:80']], []])
    assert.equal(bad.warnings.length, 3)
    const numbers = Array.from({ length: 150 }, (_, i) => i)
    for (const [key, count] of [
      ['tr', (magnet: Magnet) => magnet.trackers.length],
      ['ws', (magnet: Magnet) => magnet.webSeeds.length],
      ['x.pe', (magnet: Magnet) => magnet.peers.length],
    ] as const) {
      const values = numbers.map(i => `${key}=${key === 'x.pe' ? `h${i}:1` : `http://h${i}/`}`)
      const many = parseMagnet(`magnet:?xt=urn:btih:${V1}&${values.join('&')}`)
      assert.deepEqual([count(many), many.warnings.length], [100, 11])
    }
  })
})

describe('refusing', () => {
  test('what is no magnet link', () => {
    for (const text of ['', 'magnet:', `http://x/?xt=urn:btih:${V1}`, V1]) refuses(text, 'not-a-magnet')
  })

  test('a link without an info hash of BitTorrent', () => {
    for (const text of ['magnet:?', 'magnet:?dn=x', 'magnet:?xt=urn:sha1:ABC', 'magnet:?xt=urn:btpk:00']) {
      refuses(text, 'no-info-hash')
    }
  })

  test('an info hash that is none', () => {
    const bad = ['', V1.slice(1), `${V1}0`, V1.replace('0', 'g'), '1'.repeat(32), `${V1}%00`]
    for (const digits of bad) refuses(`magnet:?xt=urn:btih:${digits}`, 'bad-info-hash')
    for (const digits of [V2, `1220${V2.slice(2)}`, `1120${V2}`, `1220${V2.replace('a', 'x')}`]) {
      refuses(`magnet:?xt=urn:btmh:${digits}`, 'bad-info-hash')
    }
  })

  test('two info hashes of one version that differ', () => {
    refuses(`magnet:?xt=urn:btih:${V1}&xt=urn:btih:${V1.replace('0', '1')}`, 'bad-info-hash')
  })

  test('a link of a megabyte', () => {
    refuses(`magnet:?xt=urn:btih:${V1}&dn=${'x'.repeat(2 ** 20)}`, 'too-long')
  })
})

describe('writing', () => {
  test('the link of a hybrid names both info hashes', () => {
    const metainfo = parseMetainfo(
      makeTorrent([{ path: ['a & b.txt'], bytes: contentOf(10) }], {
        name: 'a & b+c.txt',
        isFolder: false,
        announcement: { trackers: [['http://t/a?x=1&y=2', 'udp://u:1']], webSeeds: ['http://w/ü'] },
      }),
      digests,
    )
    assert.equal(
      toMagnet(metainfo),
      `magnet:?xt=urn:btih:${toHex(metainfo.infoHashV1 ?? new Uint8Array(0))}` +
        `&xt=urn:btmh:1220${toHex(metainfo.infoHashV2 ?? new Uint8Array(0))}` +
        '&dn=a%20%26%20b%2Bc.txt&xl=10&tr=http%3A%2F%2Ft%2Fa%3Fx%3D1%26y%3D2&tr=udp%3A%2F%2Fu%3A1&ws=http%3A%2F%2Fw%2F%C3%BC',
    )
  })

  test('what is written is read back', () => {
    const hash = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
    const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter(string => string.trim() === string)
    const peer = fc.record(
      { host: fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6()), port: fc.integer({ min: 1, max: 65_535 }) },
      { noNullPrototype: true },
    )
    const values = {
      infoHashV1: hash(20),
      infoHashV2: fc.option(hash(32), { nil: undefined }),
      name: fc.option(text, { nil: undefined }),
      size: fc.option(fc.nat(), { nil: undefined }),
      trackers: fc.uniqueArray(text).map(paths => paths.map(path => [`udp://tracker/${path}`])),
      webSeeds: fc.uniqueArray(text).map(paths => paths.map(path => `http://seed/${path}`)),
      peers: fc.array(peer),
      selectOnly: fc.option(
        fc
          .uniqueArray(fc.nat(1_000), { minLength: 1 })
          .map(numbers => rangesOf(numbers.sort((a, b) => a - b))),
        { nil: undefined },
      ),
      warnings: fc.constant([]),
    }
    const magnets: fc.Arbitrary<Magnet> = fc.record(values, { noNullPrototype: true })
    fc.assert(fc.property(magnets, magnet => assert.deepEqual(parseMagnet(toMagnet(magnet)), magnet)))
  })
})

test('no text ends in anything but a magnet or a MagnetError', () => {
  const parts = fc.constantFrom(
    'xt=',
    'urn:btih:',
    'urn:btmh:1220',
    V1,
    V2,
    '&',
    '%',
    '%2',
    'dn=',
    'x.pe=',
    'so=',
    '-',
    ',',
    '9',
    '[',
    ':',
    '.',
  )
  fc.assert(
    fc.property(fc.array(fc.oneof(parts, fc.string({ unit: 'binary' }))), words => {
      try {
        const magnet = parseMagnet(`magnet:?${words.join('')}`)
        assert.ok(magnet.infoHashV1 ?? magnet.infoHashV2)
      } catch (thrown) {
        assert.ok(thrown instanceof MagnetError, String(thrown))
      }
    }),
    { numRuns: 2_000 },
  )
})
