import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { plainEntries } from '../../../support/plain-entries.js'
import { type Dictionary, PIECE_LENGTH, parsed, pathsOf, refused, v1, v1Folder } from '../crafting.js'

const path = (...components: string[]) => ({ length: 1, path: components })

function kindsOf(files: readonly Dictionary[]): string[] {
  return [...parsed(v1Folder(files)).entries].map(entry => entry.type)
}

describe('a file alone', () => {
  test('bears the name of the torrent', () => {
    const { isFolder, entries, size } = parsed(v1())
    assert.equal(isFolder, false)
    assert.equal(size, 10)
    assert.deepEqual(plainEntries(entries), [
      {
        type: 'file',
        path: ['file'],
        length: 10,
        offset: 0,
        isExecutable: false,
        sha256: undefined,
        piecesRoot: undefined,
      },
    ])
  })

  test('needs a length', () => {
    refused(() => parsed(v1({ length: undefined })), 'missing-key', 'info.length', 'is missing')
    refused(() => parsed(v1({ length: -1 })), 'invalid-value', 'info.length', 'must not be negative, is -1')
    refused(() => parsed(v1({ length: 'x' })), 'invalid-value', 'info.length', 'must be an integer')
  })

  test('may be executable, and have its SHA-256', () => {
    const sha256 = new Uint8Array(32).fill(7)
    const [entry] = parsed(v1({ attr: 'hx', sha256 })).entries
    assert.ok(entry?.type === 'file' && entry.isExecutable)
    assert.deepEqual(entry.sha256, sha256)
  })
})

describe('files in a folder', () => {
  test('follow each other without gaps', () => {
    const metainfo = parsed(
      v1Folder([
        { length: 20_000, path: ['a'] },
        { length: 0, path: ['b', 'empty'] },
        { length: 5, path: ['b', 'c'] },
      ]),
    )
    assert.equal(metainfo.isFolder, true)
    assert.equal(metainfo.size, 20_005)
    assert.deepEqual(pathsOf(metainfo), ['a', 'b/empty', 'b/c'])
    assert.deepEqual(
      [...metainfo.entries].map(entry => entry.offset),
      [0, 20_000, 20_000],
    )
  })

  test('a folder of one file is a folder', () => {
    assert.equal(parsed(v1Folder([path('folder')])).isFolder, true)
  })

  test('path.utf-8 goes before path', () => {
    const file = { length: 1, path: [Uint8Array.of(0xb0)], 'path.utf-8': ['å'] }
    assert.deepEqual(pathsOf(parsed(v1Folder([file]))), ['å'])
  })

  test('path.utf-8 is passed over where it is no list of strings, or empty', () => {
    for (const odd of ['x', [], [1], {}, 5]) {
      assert.deepEqual(pathsOf(parsed(v1Folder([{ ...path('a'), 'path.utf-8': odd }]))), ['a'])
    }
    const odd = { length: 1, path: 5, 'path.utf-8': ['a'] }
    assert.deepEqual(pathsOf(parsed(v1Folder([odd]))), ['a'])
  })

  test('attributes of another type are none', () => {
    for (const attr of [5, ['x'], {}]) {
      const metainfo = parsed(v1Folder([{ ...path('a'), attr }]))
      assert.ok(metainfo.entries.at(0)?.type === 'file')
      assert.deepEqual(metainfo.oddities, ['info.files[0].attr: ignored, must be a string'])
    }
  })

  test('what is wrong with one is named by its place', () => {
    const at = (file: Dictionary) => () => parsed(v1Folder([path('a'), file]))
    refused(at({ path: ['b'] }), 'missing-key', 'info.files[1].length', 'is missing')
    refused(at({ length: 1 }), 'missing-key', 'info.files[1].path', 'is missing')
    refused(at({ length: -5, path: ['b'] }), 'invalid-value', 'info.files[1].length')
    refused(at({ length: 1, path: [] }), 'invalid-value', 'info.files[1].path', 'must not be empty')
    refused(at({ length: 1, path: 'b' }), 'invalid-value', 'info.files[1].path', 'must be a list of strings')
    refused(
      at({ length: 1, path: ['b', 1] }),
      'invalid-value',
      'info.files[1].path',
      'must be a list of strings',
    )
    refused(at({ length: 1, path: Array(101).fill('d') }), 'too-large', 'info.files[1].path')
    assert.equal(parsed(v1Folder([path(...Array(100).fill('d'))])).entries.length, 1)
    refused(
      () => parsed({ ...v1Folder([]), files: [1] }),
      'invalid-value',
      'info.files[0]',
      'must be a dictionary',
    )
  })

  test('the list must be one, and must not be empty', () => {
    refused(() => parsed(v1Folder([])), 'invalid-value', 'info.files', 'must not be empty')
    refused(() => parsed({ ...v1Folder([]), files: 'a' }), 'invalid-value', 'info.files', 'must be a list')
  })

  test('the list counts where a length stands beside it, as in libtorrent and Transmission 4', () => {
    for (const length of [1, 0, 99, -1, 'x']) {
      const metainfo = parsed(v1Folder([path('a')], { length }))
      assert.deepEqual(pathsOf(metainfo), ['a'])
      assert.equal(metainfo.isFolder, true)
      assert.deepEqual(metainfo.warnings, ['info.length: ignored beside files'])
    }
  })

  test('the length counts where the list is none (as in libtorrent), or empty (as in Transmission 4)', () => {
    for (const files of ['x', 5, {}, []]) {
      const metainfo = parsed(v1({ files }))
      assert.deepEqual([metainfo.isFolder, metainfo.size], [false, 10])
      assert.equal(metainfo.warnings.length + metainfo.oddities.length, 1)
    }
  })

  test('pads and lost symlinks alone are no content', () => {
    const link = { attr: 'l', path: ['l'], 'symlink path': ['gone'] }
    refused(
      () => parsed(v1Folder([{ attr: 'p', length: 5 }, link])),
      'invalid-value',
      'info',
      'holds no file',
    )
  })

  test('a SHA-256 that is none is a warning', () => {
    const metainfo = parsed(v1Folder([{ ...path('a'), sha256: 'short' }]))
    assert.deepEqual(metainfo.warnings, ['info.files[0].sha256: ignored, is not 32 bytes'])
  })
})

test('warnings are counted where there are more than anyone reads', () => {
  const files = Array.from({ length: 250 }, (_, i) => ({ ...path(`${i}`), sha256: 'short' }))
  const { warnings } = parsed(v1Folder(files))
  assert.equal(warnings.length, 101)
  assert.equal(warnings.at(-1), '150 more warnings')
})

describe('pads (BEP 47)', () => {
  const size = PIECE_LENGTH - 10

  test('take up the space of pieces but are no content', () => {
    const metainfo = parsed(
      v1Folder([
        { length: 10, path: ['a'] },
        { attr: 'p', length: size, path: ['.pad', String(size)] },
        { length: 3, path: ['b'] },
      ]),
    )
    assert.equal(metainfo.size, 13)
    assert.equal(metainfo.pieceCount, 2)
    assert.deepEqual(metainfo.entries.at(1), {
      type: 'pad',
      path: ['.pad', `${size}`],
      length: size,
      offset: 10,
    })
    assert.equal(metainfo.entries.at(2)?.offset, 16_384)
  })

  test('need no path', () => {
    assert.deepEqual(kindsOf([path('a'), { attr: 'p', length: 5 }]), ['file', 'pad'])
  })

  test('are known by their names as well', () => {
    const bitComet = '_____padding_file_0_if you see this file, please update to BitComet 0.85 or above____'
    assert.deepEqual(kindsOf([path('a'), { length: 5, path: ['.pad', '5'] }]), ['file', 'pad'])
    assert.deepEqual(kindsOf([path('a'), { length: 5, path: [bitComet] }]), ['file', 'pad'])
    const files = [
      { length: 5, path: ['.pad', '6'] },
      { length: 5, path: ['.pad', 'x', '5'] },
      { length: 5, path: ['a', '_padding_file_'] },
    ]
    assert.deepEqual(kindsOf(files), ['file', 'file', 'file'])
  })
})

describe('symlinks (BEP 47)', () => {
  test('take no space, whatever length they claim', () => {
    const link = { attr: 'l', length: 0, path: ['link'], 'symlink path': ['dir', 'a'] }
    for (const file of [link, { ...link, length: undefined }]) {
      const metainfo = parsed(v1Folder([path('dir', 'a'), file, path('z')]))
      assert.deepEqual(metainfo.warnings, [])
      assert.deepEqual(metainfo.entries.at(1), {
        type: 'symlink',
        path: ['link'],
        length: 0,
        offset: 1,
        target: ['dir', 'a'],
      })
      assert.equal(metainfo.entries.at(2)?.offset, 1)
    }
  })

  test('without a usable target are left out with a warning', () => {
    for (const target of [undefined, [], Array(101).fill('d'), 'a', [1], 5]) {
      const metainfo = parsed(v1Folder([path('a'), { attr: 'l', path: ['link'], 'symlink path': target }]))
      assert.deepEqual(pathsOf(metainfo), ['a'])
      assert.deepEqual(metainfo.warnings, ['info.files[1]: a symlink without a usable target is left out'])
    }
  })
})
