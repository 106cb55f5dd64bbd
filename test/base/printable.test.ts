import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { printable, printableJson, printableLines } from '../../src/base/printable.js'

const HARMLESS = [
  'Ubuntu 24.04.iso',
  'back\\slash',
  'Füße',
  'a\u0301',
  '映画.mkv',
  '👩‍👩‍👧‍👦 family',
  '❤️‍🔥',
  '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}',
  'می‌خواهم',
  'क्‍ष',
  'was \ufffd',
]

const HOSTILE: readonly [text: string, shown: string][] = [
  ['a\nb\tc\rd', 'a\\nb\\tc\\x0dd'],
  ['\x1b[31mred\x07\x9b1m\x7f', '\\x1b[31mred\\x07\\x9b1m\\x7f'],
  ['photo\u202egpj.exe', 'photo\\u202egpj.exe'],
  ['a\u200bb\ufeff\u2066\u00ad\u3164\u180e', 'a\\u200bb\\ufeff\\u2066\\xad\\u3164\\u180e'],
  ['a\u200db\u200cc', 'a\\u200db\\u200cc'],
  ['\u{e0041}x', '\\u{e0041}x'],
  ['\ud800 \udc00', '\\ud800 \\udc00'],
  ['\u2028\u2029\u0085', '\\u2028\\u2029\\x85'],
]

describe('text for people', () => {
  it('stays as it is where it is harmless', () => {
    for (const text of HARMLESS) {
      assert.equal(printable(text), text)
      assert.equal(printableLines(text, false), text)
    }
  })

  it('shows what would move the cursor, turn the text or hide', () => {
    for (const [text, shown] of HOSTILE) assert.equal(printable(text), shown)
  })

  it('may have lines and colours where it is put together', () => {
    assert.equal(printableLines('a\nb\x1b[1;31mc\x1b[0m', true), 'a\nb\x1b[1;31mc\x1b[0m')
    assert.equal(printableLines('a\nb\x1b[1;31mc', false), 'a\nb\\x1b[1;31mc')
    for (const [text, shown] of HOSTILE.slice(2)) assert.equal(printableLines(text, true), shown)
    assert.equal(printableLines('\x1b[2J\x1b]0;x\x07\x1b[1A', true), '\\x1b[2J\\x1b]0;x\\x07\\x1b[1A')
  })

  it('has nothing hostile left in it, whatever it was', () => {
    const anyText = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.constantFrom(...HARMLESS, ...HOSTILE.flat())).map(parts => parts.join('')),
    )
    fc.assert(
      fc.property(anyText, text => {
        assert.doesNotMatch(
          printable(text),
          /\p{Cc}|\p{Cs}|[\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/u,
        )
        assert.equal(printable(printable(text)), printable(text))
      }),
      { numRuns: 1_000 },
    )
  })
})

it('JSON means the same with its escapes', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...HARMLESS, ...HOSTILE.flat())),
      text => {
        const json = printableJson(JSON.stringify({ [text]: [text] }))
        assert.deepEqual(JSON.parse(json), { [text]: [text] })
        assert.doesNotMatch(json, /\p{Cc}|\p{Cs}|[\u200b\u202a-\u202e\ufeff]/u)
      },
    ),
  )
})
