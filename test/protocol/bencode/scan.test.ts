import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { concatBytes, fromUtf8, toUtf8 } from '../../../src/base/bytes.js'
import { BencodeError, type BencodeErrorCode } from '../../../src/protocol/bencode/bencode-error.js'
import { type BencodeLimits, METAINFO_LIMITS } from '../../../src/protocol/bencode/limits.js'
import { scanBencode } from '../../../src/protocol/bencode/scan.js'
import type { BencodeValue } from '../../../src/protocol/bencode/value.js'

const LIMITS: BencodeLimits = { bytes: 1_000, depth: 4, values: 10 }

function scan(text: string, limits: BencodeLimits = METAINFO_LIMITS): BencodeValue {
  return scanBencode(toUtf8(text), limits)
}

function refuses(text: string, code: BencodeErrorCode, limits: BencodeLimits = METAINFO_LIMITS): void {
  assert.throws(
    () => scan(text, limits),
    (thrown: unknown) => thrown instanceof BencodeError && thrown.code === code,
    `${JSON.stringify(text)} should be ${code}`,
  )
}

describe('what cannot be understood is refused', () => {
  const cases: [BencodeErrorCode, string[]][] = [
    [
      'malformed',
      [
        'x',
        'e',
        'ie',
        'i-e',
        'i1.5e',
        'i+1e',
        'i 1e',
        'i--1e',
        '-1:a',
        'l-3:e',
        'di1ei2ee',
        'd1:ae',
        'dle1:ae',
        '1a:',
        '1;a',
      ],
    ],
    [
      'truncated',
      ['', 'i', 'i1', 'i-', 'l', 'd', 'd1:a', 'd1:ai1e', '5:abc', '5', '5:', '999999999:a', 'li1e'],
    ],
  ]
  for (const [code, texts] of cases) {
    test(code, () => {
      for (const text of texts) refuses(text, code)
    })
  }

  test('a length of ever more digits', () => {
    refuses(`${'9'.repeat(30)}:a`, 'malformed')
  })

  test('the message leads to the place', () => {
    const text = 'd4:infod4:namei0xeee'
    const message = 'info.name: an integer is malformed'
    assert.throws(() => scan(text), { code: 'malformed', message, facts: { offset: 14, key: 'info.name' } })
  })
})

describe('limits', () => {
  test('bytes', () => refuses('1000:'.padEnd(1_005, 'a'), 'too-large', LIMITS))
  test('depth', () => {
    assert.equal(scan('llllieeee'.replace('i', ''), LIMITS).type, 'list')
    refuses('llllleeeee', 'too-deep', LIMITS)
    refuses('l'.repeat(1_000), 'too-deep', LIMITS)
  })
  test('values', () => {
    assert.equal(scan(`l${'i1e'.repeat(9)}e`, LIMITS).items?.length, 9)
    refuses(`l${'i1e'.repeat(10)}e`, 'too-many-values', LIMITS)
  })
  test('a hundred thousand levels are refused and do not overflow the stack', () => {
    refuses('l'.repeat(100_000), 'too-deep')
    refuses('d1:a'.repeat(100_000), 'too-deep')
  })
})

test('bytes behind the value are ignored, and counted', () => {
  for (const value of ['i1e', 'le', '1:a', 'de', 'd1:ali1eee']) {
    assert.equal(scan(value).tailLength, 0)
    for (const tail of ['\n', '\r\n', '\0\0\0', 'e', 'd', '<html>', value]) {
      const root = scan(value + tail)
      assert.equal(fromUtf8(root.raw), value)
      assert.equal(root.tailLength, tail.length)
    }
  }
  refuses('1000:'.padEnd(1_005, 'a'), 'too-large', LIMITS)
  refuses(`de${'\n'.repeat(999)}`, 'too-large', LIMITS)
})

describe('what is not canonical is read and noted', () => {
  const oddities = (text: string) => scan(text).oddities

  test('a canonical document has nothing of this', () => {
    assert.deepEqual(oddities('d1:ad1:bi1e1:ci1ee1:bi-1e1:cli0e0:ee'), [])
    assert.deepEqual(oddities('d1:Zi1e1:ai1e2:aai1e2:éi1ee'), [], 'keys sort as raw bytes')
  })

  test('keys out of order: the first dictionary is named with its place', () => {
    const text = 'd4:infod1:bi1e1:ai1ee4:nextd1:bi1e1:ai1eee'
    assert.deepEqual(oddities(text), [{ type: 'unsorted-keys', offset: 14, key: 'info.a', count: 2 }])
    assert.equal(scan(text).get('info')?.get('a')?.integer, 1)
  })

  test('a key that is there twice: the first counts, in and out of order', () => {
    for (const text of [
      'd1:ai1e1:ai2ee',
      'd1:ai1e1:bi5e1:ai2ee',
      'd1:bi5e1:ai1e1:ai2ee',
      'd1:bi5e1:ai1e1:bi2ee',
    ]) {
      const found = oddities(text).find(({ type }) => type === 'duplicate-key')
      assert.equal(found?.count, 1, text)
      assert.equal(scan(text).get('a')?.integer, 1, text)
    }
    assert.equal(oddities('d0:i1e0:i1ee')[0]?.type, 'duplicate-key')
  })

  test('leading zeros, of integers and of lengths', () => {
    const numbers: [text: string, number][] = [
      ['i01e', 1],
      ['i000e', 0],
      ['i-0e', 0],
      ['i-01e', -1],
      [`i${'0'.repeat(1_000)}7e`, 7],
    ]
    for (const [text, number] of numbers) {
      assert.deepEqual(oddities(text), [{ type: 'leading-zero', offset: 0, key: '', count: 1 }])
      assert.ok(Object.is(scan(text).integer, number), text)
    }
    const root = scan('d01:a02:xye')
    assert.equal(root.get('a')?.text, 'xy')
    assert.deepEqual(
      root.entries?.map(([key]) => fromUtf8(key)),
      ['a'],
    )
    assert.equal(scan('d00:1:xe').get('')?.text, 'x')
    assert.equal(root.oddities[0]?.count, 2)
  })

  test('an integer of any number of digits', () => {
    for (const text of [`i${'9'.repeat(1_000)}e`, `i-${'9'.repeat(1_000)}e`]) {
      assert.equal(scan(text).type, 'integer')
      assert.equal(scan(text).integer, undefined)
    }
  })
})

test('no bytes, however broken, end in anything but a value or a BencodeError', () => {
  const noise = fc.array(
    fc.oneof(
      fc.constantFrom('d', 'l', 'e', 'i', ':', '-', '0', '1', '9', '1:a', 'i1e', '4:info').map(toUtf8),
      fc.uint8Array({ maxLength: 4 }),
    ),
    { maxLength: 40 },
  )
  fc.assert(
    fc.property(noise, parts => {
      try {
        readAll(scanBencode(concatBytes(parts), LIMITS))
      } catch (thrown) {
        assert.ok(thrown instanceof BencodeError, String(thrown))
      }
    }),
    { numRuns: 3_000 },
  )

  function readAll(value: BencodeValue): void {
    assert.ok(value.raw.length > 0)
    for (const [, child] of value.entries ?? []) readAll(child)
    for (const item of value.items ?? []) readAll(item)
    if (value.type === 'string') assert.equal(value.text, fromUtf8(value.string ?? new Uint8Array(0)))
  }
})
