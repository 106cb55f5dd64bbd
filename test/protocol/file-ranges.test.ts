// BEP 53.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type FileRange,
  formatFileRanges,
  isInRanges,
  parseFileRanges,
  rangesOf,
} from '../../src/protocol/file-ranges.js'

const READ: [text: string, ranges: string | undefined][] = [
  ['0,2,4,6-8', '0,2,4,6-8'],
  ['8,6-7,0', '0,6-8'],
  ['1-5,2-3,6', '1-6'],
  ['3-3', '3'],
  ['', undefined],
  ['-', undefined],
  ['5-2', undefined],
  ['x,-1,1e3,0x2, 7 ,1-2-3,', '7'],
  ['9999999999', undefined],
]

for (const [text, ranges] of READ) {
  test(`'${text}' selects ${ranges ?? 'nothing in particular'}`, () => {
    const read = parseFileRanges(text)
    assert.equal(read && formatFileRanges(read), ranges)
  })
}

test('a number is in the ranges of some numbers where it is one of them', () => {
  const numbers = fc.uniqueArray(fc.nat(60)).map(all => all.sort((a, b) => a - b))
  fc.assert(
    fc.property(numbers, all => {
      const ranges = rangesOf(all)
      for (let number = 0; number < 64; number++)
        assert.equal(isInRanges(ranges, number), all.includes(number))
      assert.deepEqual(parseFileRanges(formatFileRanges(ranges)), all.length === 0 ? undefined : ranges)
    }),
  )
})

test('a text of any length costs what its first 10,000 parts do', () => {
  const many = Array.from({ length: 20_000 }, (_, index) => 2 * index).join(',')
  const read: readonly FileRange[] = parseFileRanges(many) ?? []
  assert.equal(read.length, 10_000)
})
