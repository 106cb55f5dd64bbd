import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { concatBytes, equalBytes, fromUtf8, toUtf8 } from '../../src/base/bytes.js'
import {
  BencodeError,
  type BencodeErrorCode,
  type BencodeInput,
  type BencodeLimits,
  type BencodeValue,
  Encoded,
  encodeBencode,
  METAINFO_LIMITS,
  scanBencode,
  scanBencodePrefix,
} from '../../src/protocol/bencode.js'

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

describe('reading', () => {
  test('integers', () => {
    assert.equal(scan('i0e').integer, 0)
    assert.equal(scan('i-17e').integer, -17)
    assert.equal(scan('i9007199254740991e').integer, Number.MAX_SAFE_INTEGER)
  })

  test('an integer that is not exact as a number is none', () => {
    assert.equal(scan('i9007199254740993e').integer, undefined)
    assert.equal(scan('i-9999999999999999999e').integer, undefined)
  })

  test('strings of any bytes', () => {
    assert.deepEqual(
      scanBencode(Uint8Array.of(0x32, 0x3a, 0, 0xff), METAINFO_LIMITS).string,
      Uint8Array.of(0, 0xff),
    )
    assert.equal(scan('0:').text, '')
    assert.equal(scan('6:ünï!').text, 'ünï!')
    assert.equal(scan(`40:${'long '.repeat(8)}`).text, 'long '.repeat(8))
    assert.equal(scan('1::').text, ':')
  })

  test('lists and dictionaries', () => {
    const root = scan('d4:listli1e1:ad1:xi2eee5:valuei3ee')
    assert.deepEqual(
      root.get('list')?.items?.map(item => item.type),
      ['integer', 'string', 'dictionary'],
    )
    assert.equal(root.get('list')?.items?.[2]?.get('x')?.integer, 2)
    assert.equal(root.get('value')?.integer, 3)
    assert.deepEqual(
      root.entries?.map(([key]) => fromUtf8(key)),
      ['list', 'value'],
    )
  })

  test('a key is found only whole', () => {
    const root = scan('d0:i0e1:1i1e3:1:ai2e4:namei3ee')
    assert.equal(root.get('')?.integer, 0)
    assert.equal(root.get('1:a')?.integer, 2)
    assert.equal(root.get('a'), undefined)
    assert.equal(root.get('nam'), undefined)
  })

  test('asking a value for what it is not gives undefined', () => {
    for (const text of ['i1e', '1:a', 'le', 'de']) {
      const value = scan(text)
      const answers = [value.integer, value.string, value.items, value.entries]
      assert.equal(answers.filter(answer => answer !== undefined).length, 1)
      assert.equal(value.get('a'), undefined)
    }
  })

  test('raw bytes are those that came', () => {
    assert.deepEqual(scan('d4:infod1:bi1e1:ai2eee').get('info')?.raw, toUtf8('d1:bi1e1:ai2ee'))
  })

  test('a value that other bytes follow', () => {
    const { root, end } = scanBencodePrefix(toUtf8('d1:ai1eerest'), METAINFO_LIMITS)
    assert.equal(root.get('a')?.integer, 1)
    assert.equal(end, 8)
  })

  test('__proto__ is a key as any other', () => {
    const root = scan('d9:__proto__d8:pollutedi1eee')
    assert.equal(root.get('__proto__')?.get('polluted')?.integer, 1)
    assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false)
  })
})

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
    assert.equal(root.unsortedKey?.key, 'info.a')
    assert.equal(root.get('info')?.unsortedKey?.key, 'info.a')
    assert.equal(root.get('next')?.unsortedKey, undefined)
  })

  test('keys sort as raw bytes', () => {
    assert.equal(scan('d1:Zi1e1:ai1e2:aai1e2:éi1ee').unsortedKey, undefined)
  })
})

describe('writing', () => {
  const text = (value: BencodeInput) => fromUtf8(encodeBencode(value))

  test('each kind of value', () => {
    assert.equal(text(0), 'i0e')
    assert.equal(text(-5), 'i-5e')
    assert.equal(text('ünï'), '5:ünï')
    assert.equal(text(['a', 1, []]), 'l1:ai1elee')
    assert.equal(text({ b: 1, a: [], none: undefined }), 'd1:ale1:bi1ee')
    assert.equal(text({ info: new Encoded(toUtf8('d1:b0:1:a0:e')) }), 'd4:infod1:b0:1:a0:ee')
  })

  test('keys are sorted as raw bytes, not as UTF-16', () => {
    // U+FF5E before U+1F600 in UTF-8, behind it in UTF-16.
    assert.equal(text({ '😀': 1, '～': 2, a: 3 }), 'd1:ai3e3:～i2e4:😀i1ee')
  })

  test('keys may be bytes', () => {
    const keys = [Uint8Array.of(0xff, 0), Uint8Array.of(0x80), Uint8Array.of(0xff)]
    const encoded = encodeBencode(new Map(keys.map(key => [key, 1])))
    assert.deepEqual(
      scanBencode(encoded, METAINFO_LIMITS).entries?.map(([key]) => [...key]),
      [[0x80], [0xff], [0xff, 0]],
    )
  })

  test('a number that is no exact integer is an error of the program', () => {
    for (const number of [1.5, Number.NaN, 2 ** 53]) assert.throws(() => encodeBencode(number), RangeError)
  })

  test('what is written is read back, and comes out sorted', () => {
    const { value } = fc.letrec<{ value: BencodeInput }>(tie => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.maxSafeInteger(),
        fc.string({ unit: 'grapheme' }),
        fc.uint8Array(),
        fc.array(tie('value')),
        fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), tie('value'))).map(entries => new Map(entries)),
      ),
    }))
    fc.assert(
      fc.property(value, input => {
        const encoded = encodeBencode(input)
        const root = scanBencode(encoded, METAINFO_LIMITS)
        assert.equal(root.unsortedKey, undefined)
        assert.ok(equalBytes(encodeBencode(inputOf(root)), encoded))
      }),
    )
  })

  function inputOf(value: BencodeValue): BencodeInput {
    const { entries, items, integer, string } = value
    if (entries) return new Map(entries.map(([key, child]) => [key, inputOf(child)]))
    return items?.map(inputOf) ?? integer ?? string ?? assert.fail('a value without a kind')
  }
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
