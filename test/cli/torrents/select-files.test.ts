import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type FileChoice, fileSelector } from '../../../src/cli/torrents/select-files.js'
import type { Selection } from '../../../src/engine/pick/selection.js'
import type { ContentEntry, Info } from '../../../src/protocol/metainfo/metainfo.js'
import { plainInfo } from '../../engine/support/joined-engines.js'

const PATHS = ['a.mkv', 'a.srt', 'extra/b.mkv', 'extra/more/2024', '[x] (1).mkv', 'extra.txt']

function file(path: readonly string[], index: number): ContentEntry {
  const hashes = { sha256: undefined, piecesRoot: undefined }
  return { type: 'file', path, length: 100, offset: index * 100, isExecutable: false, ...hashes }
}

const folder: Info = {
  ...plainInfo(1),
  name: 'show',
  isFolder: true,
  entries: [
    ...PATHS.map((path, index) => file(path.split('/'), index)),
    { type: 'symlink', path: ['latest'], length: 0, offset: 600, target: ['a.mkv'] },
  ],
}
const single: Info = { ...folder, isFolder: false, name: 'a.mkv', entries: [file(['a.mkv'], 0)] }

function selectFiles(info: Info, choice: FileChoice): Selection {
  const selection = fileSelector(choice)
  assert.ok(selection)
  return selection(info)
}

function selected(info: Info, ...select: string[]): number[] {
  const selection = selectFiles(info, { select, first: [] })
  return [...info.entries].flatMap((_, index) => (selection.has(index) ? [index] : []))
}

const CASES: [patterns: string[], selected: number[]][] = [
  [['*.mkv'], [0, 2, 4]],
  [['show/*.mkv'], [0, 4]],
  [['show/**/*.mkv'], [0, 2, 4]],
  [['extra'], [2, 3]],
  [['extra/'], [2, 3]],
  [['show/extra'], [2, 3]],
  [['show'], []],
  [['[x] (1).mkv'], [4]],
  [['0'], [0]],
  [
    ['1-2', '5'],
    [1, 2, 5],
  ],
  [['0,2-3'], [0, 2, 3]],
  [['more/2024'], []],
  [['show/extra/more/2024'], [3]],
  [['!*.mkv'], [1, 3, 5, 6]],
  [
    ['*.mkv', '!extra'],
    [0, 4],
  ],
  [
    ['!extra', '2'],
    [0, 1, 2, 4, 5, 6],
  ],
  [['latest'], [6]],
]

describe('--select', () => {
  for (const [patterns, expected] of CASES) {
    it(`${patterns.join(' ')}: ${expected.length === 0 ? 'no file' : expected}`, () => {
      if (expected.length === 0) assert.throws(() => selected(folder, ...patterns), { code: 'usage' })
      else assert.deepEqual(selected(folder, ...patterns), expected)
    })
  }

  it('matches the name of a torrent of one file', () => {
    assert.deepEqual(selected(single, '*.mkv'), [0])
    assert.deepEqual(selected(single, '0'), [0])
    assert.throws(() => selected(single, '*.srt'), /'\*\.srt' matches no file; there is a\.mkv: /)
  })

  it('names what there is where a pattern matches nothing, or nothing is left', () => {
    const message =
      "show: --select '*.avi' matches no file; there are show/a.mkv, show/a.srt, show/extra/b.mkv, show/extra/more/2024, show/[x] (1).mkv and 1 more file: `torrent info --all` lists them"
    assert.throws(() => selected(folder, '*.mkv', '*.avi'), { message, facts: { subject: 'show' } })
    assert.throws(() => selected(folder, '9'), /matches no file/)
    assert.throws(() => selected(folder, '!show/*'), /--select leaves out all files/)
  })

  it('is nothing where no option was given', () => {
    assert.equal(fileSelector({ select: [], first: [] }), undefined)
  })
})

describe('what a magnet link selects', () => {
  const listed = [
    { first: 1, last: 2 },
    { first: 6, last: 9 },
  ]

  it('is by place in the list of the torrent, and no more than there is', () => {
    const padded: Info = {
      ...folder,
      entries: [file(['a'], 0), { type: 'pad', path: ['.pad'], length: 9, offset: 100 }, file(['b'], 2)],
    }
    const selection = selectFiles(padded, { select: [], first: [], listed })
    assert.deepEqual(
      [0, 2].map(index => selection.has(index)),
      [false, true],
    )
    assert.deepEqual([...(selectFiles(folder, { select: [], first: [], listed }).selected ?? [])], [1, 2, 6])
  })

  it('gives way to --select, and not to --first', () => {
    assert.deepEqual([...(selectFiles(folder, { select: ['0'], first: [], listed }).selected ?? [])], [0])
    const first = selectFiles(folder, { select: [], first: ['extra'], listed })
    assert.deepEqual(
      [0, 1, 2].map(index => first.priorityOf(index)),
      [0, 4, 7],
    )
  })

  it('is an error where it is no file of the torrent', () => {
    const none = [{ first: 100, last: 200 }]
    assert.throws(() => selectFiles(folder, { select: [], first: [], listed: none }), {
      code: 'usage',
      message: /^show: the link selects no file \(so=\); there are show\/a\.mkv/,
    })
  })
})

describe('--first', () => {
  it('puts files before all others, and selects none', () => {
    const selection = selectFiles(folder, { select: ['!*.srt'], first: ['extra', 'a.*'] })
    assert.deepEqual([...(selection.selected ?? [])], [0, 2, 3, 4, 5, 6])
    const first = selectFiles({ ...folder, pieceLength: 100 }, { select: [], first: ['1'] })
    assert.equal(first.selected, undefined)
    assert.equal(first.size, folder.size)
  })

  it('is an error where it matches no file, and knows no `!`', () => {
    assert.throws(
      () => selectFiles(folder, { select: [], first: ['*.avi'] }),
      /--first '\*\.avi' matches no file/,
    )
    assert.throws(() => selectFiles(folder, { select: [], first: ['!*.mkv'] }), /matches no file/)
  })
})
