import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { isPlain } from '../../../src/base/plain-text.js'
import { printable } from '../../../src/base/printable.js'
import { counted, cutTo, fitTo, widthOf } from '../../../src/cli/view/text.js'

describe('text from outside', () => {
  it('stays as it is where it is harmless', () => {
    for (const text of ['Ubuntu 24.04.iso', 'Füße', '映画.mkv', '👩‍👩‍👧‍👦 family', 'می‌خواهم', 'a\u0301']) {
      assert.equal(printable(text), text)
    }
  })

  it('shows what would move the cursor, turn the text or hide', () => {
    assert.equal(printable('a\nb\tc\rd'), 'a\\nb\\tc\\x0dd')
    assert.equal(printable('\x1b[31mred\x07\x9b1m'), '\\x1b[31mred\\x07\\x9b1m')
    assert.equal(printable('photo\u202egpj.exe'), 'photo\\u202egpj.exe')
    assert.equal(printable('a\u200bb\ufeff\u2066\ud800'), 'a\\u200bb\\ufeff\\u2066\\ud800')
  })
})

describe('width in a terminal', () => {
  const WIDTHS: readonly [text: string, columns: number][] = [
    ['', 0],
    ['abc', 3],
    ['é', 1],
    ['e\u0301', 1],
    ['日本', 4],
    ['한국어', 6],
    ['ｗｉｄｅ', 8],
    ['👍', 2],
    ['👩‍👩‍👧‍👦', 2],
    ['❤️', 2],
    ['…', 1],
    ['█░', 2],
    ['می‌خواهم', 7],
  ]
  for (const [text, columns] of WIDTHS)
    it(`of "${text}" is ${columns}`, () => assert.equal(widthOf(text), columns))

  describe('of plain text', () => {
    /** Not plain, and joins with nothing beside it: text with it is looked at as a whole. */
    const ODD = '👍'
    const plain = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).filter(isPlain)

    it('is known of thousands of characters', () => assert.ok(plain.length > 30_000, `${plain.length}`))

    it('is that of its characters, as of any text', () => {
      for (const character of plain) {
        assert.equal(widthOf(character) + 2, widthOf(character + ODD), character)
        assert.equal(printable(character + ODD), character + ODD)
      }
      const text = fc.array(fc.constantFrom(...plain)).map(characters => characters.join(''))
      fc.assert(
        fc.property(text, fc.integer({ min: 1, max: 40 }), (text, columns) => {
          assert.equal(widthOf(text) + 2, widthOf(text + ODD))
          const cut = cutTo(text, columns)
          if (cut !== text) assert.equal(cut, cutTo(text + ODD, columns))
        }),
      )
    })
  })

  it('text is cut between characters, with a sign that it is', () => {
    assert.equal(cutTo('ubuntu.iso', 10), 'ubuntu.iso')
    assert.equal(cutTo('ubuntu.iso', 6), 'ubunt…')
    assert.equal(cutTo('日本語', 4), '日…')
    assert.equal(cutTo('日本語', 5), '日本…')
    assert.equal(cutTo('👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 3), '👩‍👩‍👧‍👦…')
    assert.equal(cutTo('abc', 1), '…')
    assert.equal(cutTo('abc', 0), '')
  })

  it('fits exactly, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 0, max: 40 }), (text, columns) => {
        assert.equal(widthOf(fitTo(printable(text), columns)), columns)
      }),
    )
  })
})

it('things are counted', () => {
  assert.deepEqual(
    [0, 1, 10_000].map(n => counted(n, 'file')),
    ['0 files', '1 file', '10,000 files'],
  )
})
