import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { toUtf8 } from '../../../../src/base/bytes.js'
import {
  DistinctNames,
  harmlessName,
  nameText,
} from '../../../../src/protocol/metainfo/reading/true-names.js'
import { leaf, parsed, pathsOf, v1Folder, v2 } from '../crafting.js'

describe('the text of a name', () => {
  test('is its UTF-8, all of it', () => {
    for (const name of ['a', 'ü', '日本', '😀', '\ufeffx', '\u202e', 'a\ufffdb'])
      assert.equal(nameText(toUtf8(name)), name)
  })

  test('has `_` for what is not UTF-8', () => {
    assert.equal(nameText(Uint8Array.of(0x61, 0xe4, 0x62)), 'a_b')
    assert.equal(nameText(Uint8Array.of(0xed, 0xa0, 0x80)), '___')
  })

  test('keeps a replacement character of its own in every place of a torrent', () => {
    const name = 'was \ufffd'
    assert.equal(parsed(v1Folder([{ length: 1, path: [name] }], { name })).name, name)
    assert.deepEqual(pathsOf(parsed(v1Folder([{ length: 1, path: [name, name] }]))), [`${name}/${name}`])
    assert.deepEqual(pathsOf(parsed(v2({ [name]: leaf(1), x: leaf(1) }))), [name, 'x'].sort())
    const broken = Uint8Array.of(0x61, 0xe4)
    assert.equal(parsed(v1Folder([{ length: 1, path: [broken] }], { name: broken })).name, 'a_')
  })
})

test('a harmless name is one component of a path, and any other name stays as it is', () => {
  const anyName = fc.oneof(
    fc.constantFrom('', '.', '..', '/', '\0', '../x', '...'),
    fc.string({ unit: 'binary' }),
  )
  fc.assert(
    fc.property(anyName, name => {
      const harmless = harmlessName(name)
      assert.ok(!['', '.', '..'].includes(harmless))
      assert.doesNotMatch(harmless, /[/\0]/)
      if (!['', '.', '..'].includes(name) && !/[/\0]/.test(name)) assert.equal(harmless, name)
    }),
  )
})

describe('names in one folder', () => {
  const taken = (...names: string[]) => {
    const distinct = new DistinctNames()
    return names.map(name => distinct.take(name, 'file'))
  }

  test('are numbered where they are equal, and only there', () => {
    assert.deepEqual(taken('a.txt', 'a.txt', 'a.txt', 'A.txt'), ['a.txt', 'a (2).txt', 'a (3).txt', 'A.txt'])
    assert.deepEqual(taken('a (2)', 'a', 'a', 'a (2)'), ['a (2)', 'a', 'a (3)', 'a (2) (2)'])
    assert.deepEqual(taken('.rc', '.rc'), ['.rc', '.rc (2)'])
  })

  test('of folders keep the number at the end', () => {
    const distinct = new DistinctNames()
    assert.deepEqual([distinct.take('v1.2', 'file'), distinct.take('v1.2', 'folder')], ['v1.2', 'v1.2 (2)'])
  })

  test('cost the same each, however many are equal', () => {
    const distinct = new DistinctNames()
    for (let i = 0; i < 50_000; i++) distinct.take(String(i % 500), 'file')
    assert.equal(distinct.take('0', 'file'), '0 (101)')
  })
})
