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

describe('what the grammar forbids is refused', () => {
  const malformed = [
    'x',
    'e',
    'ie',
    'i-e',
    'i01e',
    'i-0e',
    'i-01e',
    'i1.5e',
    'i+1e',
    'i 1e',
    'i1',
    '-1:a',
    '01:a',
  ]
  const cases: [BencodeErrorCode, string[]][] = [
    [
      'malformed',
      [...malformed.filter(text => text !== 'i1'), 'l-3:e', 'di1ei2ee', 'd1:ae', 'dle1:ae', '1a:', '1;a'],
    ],
    [
      'truncated',
      ['', 'i', 'i1', 'i-', 'l', 'd', 'd1:a', 'd1:ai1e', '5:abc', '5', '5:', '999999999:a', 'li1e'],
    ],
    ['trailing-bytes', ['i1ei2e', 'lee', '1:ab', 'de\n']],
    ['duplicate-key', ['d1:ai1e1:ai2ee', 'd1:bi1e1:ai1e1:bi1ee', 'd1:ai1e1:bi1e1:ai1ee', 'd0:i1e0:i1ee']],
    ['integer-range', [`i${'9'.repeat(21)}e`, `i-${'9'.repeat(21)}e`]],
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
    const text = 'd4:infod4:namei01eee'
    const message = 'info.name: an integer has a leading zero'
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

describe('the order of keys', () => {
  test('sorted documents have no unsorted key', () => {
    assert.equal(scan('d1:ad1:bi1e1:ci1ee1:bi1ee').unsortedKey, undefined)
  })

  test('the first key out of order is named with its place', () => {
    const root = scan('d4:infod1:bi1e1:ai1ee4:nextd1:bi1e1:ai1eee')
    assert.deepEqual(root.unsortedKey, { offset: 14, key: 'info.a' })
  })

  test('keys sort as raw bytes', () => {
    assert.equal(scan('d1:Zi1e1:ai1e2:aai1e2:éi1ee').unsortedKey, undefined)
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
