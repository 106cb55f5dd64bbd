import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { BencodeInput } from '../../../../src/protocol/bencode/encode.js'
import { leaf, parsed, parsedText, pathsOf, refused, v2 } from '../crafting.js'

describe('a file tree', () => {
  test('lists files in its order, each with content at the beginning of a piece', () => {
    const metainfo = parsed(
      v2({ b: leaf(20_000), dir: { '1': leaf(0), sub: { x: leaf(5) } }, z: leaf(16_384) }, { name: 'n' }),
    )
    assert.equal(metainfo.version, 'v2')
    assert.equal(metainfo.isFolder, true)
    assert.deepEqual(pathsOf(metainfo), ['b', 'dir/1', 'dir/sub/x', 'z'])
    assert.deepEqual(
      [...metainfo.entries].map(entry => entry.offset / 16_384),
      [0, 2, 2, 3],
    )
    assert.equal(metainfo.pieceCount, 4)
    assert.equal(metainfo.size, 36_389)
    assert.equal(metainfo.pieces, undefined)
  })

  test('of one file with the name of the torrent is that file', () => {
    assert.equal(parsed(v2({ file: leaf(10) })).isFolder, false)
    assert.deepEqual(pathsOf(parsed(v2({ file: leaf(10) }))), ['file'])
  })

  test('of anything else is a folder', () => {
    for (const tree of [{ other: leaf(10) }, { file: { file: leaf(10) } }, { a: leaf(1), file: leaf(10) }]) {
      assert.equal(parsed(v2(tree)).isFolder, true)
    }
  })

  test('gives its files attributes, roots and flat hashes', () => {
    const root = new Uint8Array(32).fill(3)
    const sha256 = new Uint8Array(32).fill(4)
    const [entry] = parsed(v2({ file: leaf(10, { attr: 'x', 'pieces root': root, sha256 }) })).entries
    assert.ok(entry?.type === 'file' && entry.isExecutable)
    assert.deepEqual([entry.piecesRoot, entry.sha256], [root, sha256])
  })

  test('may have empty folders, which hold nothing', () => {
    assert.deepEqual(pathsOf(parsed(v2({ a: leaf(1), empty: { deeper: {} } }))), ['a'])
  })

  test('comes in the order of its names as bytes, however its dictionaries are sorted', () => {
    const file = (length: number) => `d0:d6:lengthi${length}e11:pieces root32:${'r'.repeat(32)}ee`
    const tree = `d1:z${file(1)}1:bd1:y${file(2)}1:a${file(3)}e2:\uff21${file(4)}`
    // anacrolix/torrent sorts them; libtorrent refuses the torrent.
    const metainfo = parsedText(
      `d4:infod9:file tree${tree.replace('2:\uff21', '3:\uff21')}e12:meta versioni2e4:name1:n12:piece lengthi16384eee`,
    )
    assert.deepEqual(pathsOf(metainfo), ['b/a', 'b/y', 'z', '\uff21'])
    assert.deepEqual(
      [...metainfo.entries].map(entry => entry.offset / 16_384),
      [0, 1, 2, 3],
    )
    assert.deepEqual(metainfo.oddities, ['info.file tree.b: stands out of order, the first of 2 such places'])
  })

  test('may have a root at an empty file, as libtorrent 2.0.0 to 2.0.3 wrote it, of any length or type', () => {
    for (const odd of [new Uint8Array(32), new Uint8Array(16), 'x', 5, []]) {
      const metainfo = parsed(v2({ a: leaf(10), empty: leaf(0, { 'pieces root': odd }) }))
      const [, empty] = metainfo.entries
      assert.ok(empty?.type === 'file' && empty.piecesRoot === undefined)
      assert.deepEqual(metainfo.warnings, metainfo.oddities.slice(1))
    }
  })

  test('has symlinks without a length', () => {
    const link = { '': { attr: 'l', 'symlink path': ['a'] } }
    const metainfo = parsed(v2({ a: leaf(1), link }))
    assert.deepEqual(metainfo.entries.at(1), {
      type: 'symlink',
      path: ['link'],
      length: 0,
      offset: 16_384,
      target: ['a'],
    })
  })
})

describe('a file tree is refused', () => {
  test('when it is absent, no dictionary, or empty', () => {
    refused(() => parsed({ ...v2(), 'file tree': undefined }), 'missing-key', 'info.file tree', 'is missing')
    refused(() => parsed(v2([])), 'invalid-value', 'info.file tree', 'must be a dictionary')
    refused(() => parsed(v2({})), 'invalid-value', 'info.file tree', 'must not be empty')
    refused(() => parsed(v2({ a: {} })), 'invalid-value', 'info.file tree', 'must not be empty')
    refused(() => parsed(v2({ a: 'x' })), 'invalid-value', 'info.file tree.a', 'must be a dictionary')
  })

  test('when its root is a file', () => {
    refused(() => parsed(v2(leaf(10))), 'invalid-value', 'info.file tree', 'must not be a file itself')
  })

  test('when a file has siblings inside its own entry', () => {
    const both = { ...leaf(10), b: leaf(1) }
    refused(
      () => parsed(v2({ a: both })),
      'invalid-value',
      'info.file tree.a',
      'is a file and a folder at once',
    )
  })

  test('when a file has no length, or none that can be', () => {
    const at = (value: BencodeInput) => () => parsed(v2({ d: { a: { '': value } } }))
    refused(at({}), 'missing-key', 'info.file tree.d.a.length', 'is missing')
    refused(at({ length: -1 }), 'invalid-value', 'info.file tree.d.a.length')
    refused(at({ length: 'x' }), 'invalid-value', 'info.file tree.d.a.length', 'must be an integer')
    refused(at('x'), 'invalid-value', 'info.file tree.d.a', 'must be a dictionary')
  })

  test('when a root is missing or of the wrong size', () => {
    const root = (length: number, value: BencodeInput | undefined) => () =>
      parsed(v2({ a: leaf(length, { 'pieces root': value }) }))
    const key = 'info.file tree.a.pieces root'
    refused(root(10, undefined), 'missing-key', key, 'is missing')
    refused(root(10, new Uint8Array(31)), 'invalid-value', key, 'must be 32 bytes, is 31')
    refused(root(10, 5), 'invalid-value', key, 'must be a string')
  })

  test('when it has two entries of the same name', () => {
    const file = 'd0:d6:lengthi0eee'
    const read = (tree: string) => () =>
      parsedText(`d4:infod9:file tree${tree}12:meta versioni2e4:name1:n12:piece lengthi16384eee`)
    refused(
      read(`d1:a${file}1:a${file}e`),
      'inconsistent',
      'info.file tree',
      'has two entries of the same name',
    )
    refused(read(`d1:dd1:a${file}1:b${file}1:a${file}ee`), 'inconsistent', 'info.file tree.d')
  })

  test('when it has pads', () => {
    const tree = { a: leaf(10, { attr: 'p' }) }
    refused(
      () => parsed(v2(tree)),
      'invalid-value',
      'info.file tree.a.attr',
      'pads have no place in a file tree',
    )
  })

  test('and names that are not printable are named in hexadecimal', () => {
    const tree = new Map([[Uint8Array.of(0x1b, 0x5b), 'x']])
    refused(() => parsed(v2(tree)), 'invalid-value', 'info.file tree.0x1b5b', 'must be a dictionary')
  })
})
