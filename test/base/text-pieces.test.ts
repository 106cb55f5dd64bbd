import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { toUtf8 } from '../../src/base/bytes.js'
import { cutForPeople, cutInMiddle, textPieces, textStart } from '../../src/base/text-pieces.js'

describe('the beginning of a text', () => {
  it('has no part of a character', () => {
    const bytes = toUtf8('aé漢😀')
    const starts = Array.from({ length: bytes.length + 2 }, (_, max) => textStart(bytes, max))
    assert.deepEqual(starts, [
      '',
      'a',
      'a',
      'aé',
      'aé',
      'aé',
      'aé漢',
      'aé漢',
      'aé漢',
      'aé漢',
      'aé漢😀',
      'aé漢😀',
    ])
  })

  it('is cut anywhere where it is no UTF-8', () => {
    assert.equal(textStart(new Uint8Array(10).fill(0x80), 4), '\ufffd'.repeat(4))
  })

  it('ends with an ellipsis where people see it, and splits no character', () => {
    assert.equal(cutForPeople('abcde', 5), 'abcde')
    assert.equal(cutForPeople('abcdef', 5), 'abcd…')
    assert.equal(cutForPeople('abc😀f', 5), 'abc…')
    assert.equal(cutInMiddle('abcdefg', 5), 'ab…fg')
    assert.equal(cutInMiddle('a😀bc😀g', 5), 'a…g')
  })
})

it('a text comes in pieces that together are the whole', () => {
  const text = `${'a'.repeat(65_535)}漢${'é'.repeat(40_000)}😀`
  const pieces = [...textPieces(toUtf8(text))]
  assert.ok(pieces.length > 2)
  assert.equal(pieces.join(''), text)
  for (const piece of pieces) assert.ok(!piece.includes('\ufffd'))
})
