import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { toUtf8 } from '../../../src/base/bytes.js'
import { jsonPieces, LazyList, LazyText } from '../../../src/cli/output/json-pieces.js'

describe('JSON in pieces', () => {
  it('is the JSON of the value, whatever is in it', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), value => {
        const json = [...jsonPieces(value as Parameters<typeof jsonPieces>[0])].join('')
        assert.deepEqual(JSON.parse(json), JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  it('leaves out what is undefined', () => {
    assert.equal([...jsonPieces({ a: undefined, b: [], c: {} }, '\n')].join(''), '{"b":[],"c":{}}\n')
  })

  it('has long texts whole, no piece of it being long, and no character of it torn', () => {
    const text = 'x\u{1f600}\u0001"\\\u202e漢'.repeat(50_000)
    for (const value of [text, new LazyText(toUtf8(text)), new LazyText('', toUtf8(text))]) {
      const pieces = [...jsonPieces({ text: value })]
      assert.ok(pieces.length > 5)
      for (const piece of pieces) assert.ok(piece.length < 2 ** 19, `${piece.length}`)
      assert.doesNotMatch(pieces.join(''), /\u202e/)
      assert.equal(JSON.parse(pieces.join('')).text, text)
    }
  })

  it('makes the items of a list when they are written', () => {
    let made = 0
    const list = new LazyList(function* () {
      for (; made < 100_000; made++) yield { path: `file ${made}` }
    })
    const pieces = jsonPieces({ files: list })
    const first = pieces.next().value ?? ''
    assert.ok(made < 10_000, `${made}`)
    const { files } = JSON.parse(first + [...pieces].join('')) as { files: unknown[] }
    assert.equal(files.length, 100_000)
  })
})
