import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Dictionary, leaf, PIECE_LENGTH, parsed, pathsOf, refused, v1, v2 } from '../crafting.js'

const pad = (length: number): Dictionary => ({ attr: 'p', length, path: ['.pad', String(length)] })
const file = (length: number, ...path: string[]): Dictionary => ({ length, path })

const TREE = { a: leaf(10), dir: { b: leaf(PIECE_LENGTH), c: leaf(0) }, z: leaf(5) }
const FILES = [
  file(10, 'a'),
  pad(PIECE_LENGTH - 10),
  file(PIECE_LENGTH, 'dir', 'b'),
  file(0, 'dir', 'c'),
  file(5, 'z'),
]
const TAIL = pad(PIECE_LENGTH - 5)

function hybrid(tree: Dictionary, files: readonly Dictionary[], pieceCount = 3): Dictionary {
  return v2(tree, { files, name: 'folder', pieces: new Uint8Array(20 * pieceCount) })
}

describe('a hybrid', () => {
  test('has the entries of its v1 list with the roots of its file tree', () => {
    const metainfo = parsed(hybrid(TREE, FILES))
    assert.equal(metainfo.version, 'hybrid')
    assert.equal(metainfo.isFolder, true)
    assert.deepEqual(pathsOf(metainfo), ['a', 'dir/b', 'dir/c', 'z'])
    assert.deepEqual(
      [...metainfo.entries].map(entry => [entry.type, entry.offset]),
      [
        ['file', 0],
        ['pad', 10],
        ['file', PIECE_LENGTH],
        ['file', 2 * PIECE_LENGTH],
        ['file', 2 * PIECE_LENGTH],
      ],
    )
    const roots = [...metainfo.entries].map(entry => entry.type === 'file' && entry.piecesRoot !== undefined)
    assert.deepEqual(roots, [true, false, true, false, true])
    assert.equal(metainfo.size, PIECE_LENGTH + 15)
  })

  test('is read with and without the pad at the end', () => {
    assert.equal(parsed(hybrid(TREE, FILES)).entries.length, 5)
    assert.equal(parsed(hybrid(TREE, [...FILES, TAIL])).entries.length, 6)
    assert.equal(parsed(hybrid(TREE, [...FILES, TAIL])).pieceCount, 3)
  })

  test('of one file', () => {
    const metainfo = parsed({ ...v2(), ...v1() })
    assert.equal(metainfo.version, 'hybrid')
    assert.equal(metainfo.isFolder, false)
    const [only] = metainfo.entries
    assert.ok(only?.type === 'file' && only.piecesRoot !== undefined)
  })

  test('of a folder with one file of the same name is a folder', () => {
    assert.equal(parsed(hybrid({ folder: leaf(10) }, [file(10, 'folder')], 1)).isFolder, true)
  })

  test('takes flat hashes from either half', () => {
    const sha256 = new Uint8Array(32).fill(9)
    for (const info of [
      hybrid({ a: leaf(10, { sha256 }) }, [file(10, 'a')], 1),
      hybrid({ a: leaf(10) }, [{ ...file(10, 'a'), sha256 }], 1),
    ]) {
      const [entry] = parsed(info).entries
      assert.ok(entry?.type === 'file')
      assert.deepEqual(entry.sha256, sha256)
    }
  })

  test('may have symlinks, in both halves', () => {
    const target = { attr: 'l', 'symlink path': ['a'] }
    const info = hybrid(
      { a: leaf(10), link: { '': target } },
      [file(10, 'a'), { ...target, path: ['link'] }],
      1,
    )
    assert.deepEqual(pathsOf(parsed(info)), ['a', 'link'])
  })
})

describe('halves that disagree are refused', () => {
  const disagrees = (
    files: readonly Dictionary[],
    words: string | RegExp,
    tree: Dictionary = TREE,
    pieceCount = 3,
  ) => refused(() => parsed(hybrid(tree, files, pieceCount)), 'inconsistent', 'info.files', words)
  const changed = (at: number, ...replacement: Dictionary[]) => FILES.toSpliced(at, 1, ...replacement)

  test('in a name', () => {
    disagrees(changed(0, file(10, 'A')), 'A and a stand at the same place in the v1 and the v2 half')
    disagrees(changed(2, file(PIECE_LENGTH, 'dir', 'x', 'b')), /dir\/x\/b and dir\/b/)
    disagrees(changed(3, file(0, 'dir', 'd')), /dir\/d and dir\/c/)
  })

  test('in a name that would break the line', () => {
    disagrees(
      changed(0, file(10, 'a\nb\u001b')),
      'a\\nb\\x1b and a stand at the same place in the v1 and the v2 half',
    )
  })

  test('in a length', () => {
    disagrees(changed(4, file(6, 'z')), /z is not of the same length/)
    disagrees(
      changed(0, file(11, 'a')).toSpliced(1, 1, pad(PIECE_LENGTH - 11)),
      /a is not of the same length/,
    )
  })

  test('in the order', () => {
    disagrees([file(5, 'z'), pad(PIECE_LENGTH - 5), ...FILES.slice(2, 4), file(10, 'a')], /z and a stand/)
  })

  test('in the number of files', () => {
    disagrees(FILES.toSpliced(3, 1), /z and dir\/c/)
    disagrees([...FILES, file(0, 'zz')], /not the same number of files/)
    disagrees([file(10, 'a')], /not the same number of files/, { a: leaf(10), b: leaf(0) }, 1)
  })

  test('in where a file begins, for want of a pad or with a wrong one', () => {
    disagrees(
      FILES.toSpliced(1, 1),
      /not the same number of pieces|does not begin at the same place/,
      TREE,
      2,
    )
    disagrees(changed(1, pad(PIECE_LENGTH - 11)), /dir\/b does not begin at the same place/)
    disagrees(
      changed(1, pad(PIECE_LENGTH - 10), pad(PIECE_LENGTH)),
      /dir\/b does not begin at the same place/,
      TREE,
      4,
    )
    disagrees([...FILES, TAIL, pad(PIECE_LENGTH)], /not the same number of pieces/, TREE, 4)
  })

  test('in what is a symlink', () => {
    const tree = { a: leaf(10), link: { '': { attr: 'l', 'symlink path': ['a'] } } }
    disagrees([file(10, 'a'), file(0, 'link')], /link is not of the same kind/, tree, 1)
    const elsewhere = { attr: 'l', path: ['link'], 'symlink path': ['b'] }
    disagrees([file(10, 'a'), elsewhere], /link leads elsewhere/, tree, 1)
  })

  test('in the name of a single file', () => {
    refused(() => parsed({ ...v2({ other: leaf(10) }), ...v1() }), 'inconsistent', 'info.files')
  })

  test('and a file tree must be there, whole as the v1 half may be', () => {
    refused(() => parsed({ ...v1(), 'meta version': 2 }), 'missing-key', 'info.file tree', 'is missing')
  })

  test('as libtorrent and BEP 52 have it, while clients that know only v1 take the list', () => {
    const other = hybrid({ a: leaf(11) }, [file(10, 'a')], 1)
    refused(() => parsed(other), 'inconsistent', 'info.files')
  })
})
