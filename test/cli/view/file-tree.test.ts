import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fileTree } from '../../../src/cli/view/file-tree.js'
import { table } from '../../../src/cli/view/table.js'
import type { ContentEntry } from '../../../src/protocol/metainfo/metainfo.js'
import { someFile } from '../some-torrent.js'

const link = (path: string[], target: string[]): ContentEntry => ({
  type: 'symlink',
  path,
  length: 0,
  offset: 0,
  target,
})

const treeText = (...args: Parameters<typeof fileTree>): string => [...fileTree(...args)].join('\n')

describe('the tree of files', () => {
  it('shows folders with what they hold', () => {
    const tree = treeText('album', [
      someFile(['cover.jpg'], 2048),
      someFile(['cd1', 'one.flac'], 1024),
      someFile(['cd1', 'two.flac'], 1024),
      someFile(['cd2', 'extra', 'three.flac'], 4096),
      link(['latest'], ['cd2', 'extra']),
    ])
    assert.equal(
      tree,
      [
        'album/                    8.00 KiB',
        '├── cover.jpg             2.00 KiB',
        '├── cd1/                  2.00 KiB',
        '│   ├── one.flac          1.00 KiB',
        '│   └── two.flac          1.00 KiB',
        '├── cd2/                  4.00 KiB',
        '│   └── extra/            4.00 KiB',
        '│       └── three.flac    4.00 KiB',
        '└── latest -> cd2/extra        0 B',
      ].join('\n'),
    )
  })

  it('shows each folder once, wherever its files stand in the list', () => {
    const paths = [['a', 'b', '1'], ['c', '2'], ['a', '3'], ['a', 'b', '4'], ['c', 'b', '5'], ['6']]
    const lines = treeText(
      'mixed',
      paths.map(path => someFile(path, 1)),
    ).split('\n')
    assert.deepEqual(
      lines.map(line => line.replace(/ +\d+ B$/, '')),
      [
        'mixed/',
        '├── a/',
        '│   ├── b/',
        '│   │   ├── 1',
        '│   │   └── 4',
        '│   └── 3',
        '├── c/',
        '│   ├── 2',
        '│   └── b/',
        '│       └── 5',
        '└── 6',
      ],
    )
    assert.deepEqual(
      lines.map(line => / (\d+) B$/.exec(line)?.[1]),
      ['6', '3', '2', '1', '1', '1', '2', '1', '1', '1', '1'],
    )
  })

  it('can show the number of each file, by which it is selected', () => {
    const files = [
      someFile(['b', '0'], 1),
      someFile(['a'], 1),
      { type: 'symlink' as const, path: ['link'], target: ['a'], length: 0, offset: 2 },
      someFile(['b', '2'], 1),
    ]
    assert.deepEqual(
      treeText('t', files, { isNumbered: true })
        .split('\n')
        .map(line => line.replace(/ +\d+ B$/, '')),
      ['   t/', '   ├── b/', '0  │   ├── 0', '2  │   └── 2', '1  ├── a', '   └── link -> a'],
    )
  })

  it('can be cut, and says what is missing and what shows it', () => {
    const files = Array.from({ length: 10_000 }, (_, i) => someFile(['d', `${i}`], 1))
    const lines = treeText('many', files, { maxLines: 5, hint: '--all shows them' }).split('\n')
    assert.equal(lines.length, 6)
    assert.equal(lines.at(-1), '… and 9,997 more files; --all shows them')
    assert.equal(treeText('many', files).split('\n').length, 10_002)
  })

  it('has a column as wide as what is shown, and cuts wide names unless it is whole', () => {
    const files = [someFile(['short'], 1), someFile(['漢'.repeat(300)], 1), someFile(['x'.repeat(150)], 1)]
    const widths = (maxLines?: number): number[] =>
      treeText('t', files, { maxLines })
        .split('\n')
        .map(line => line.length)
    assert.equal(widths(2)[1], '└── short'.length + 2 + 9)
    assert.ok(Math.max(...widths(4)) <= 4 + 100 + 2 + 9, `${widths(4)}`)
    assert.match(treeText('t', files), /漢{300} /)
  })

  it('escapes names, and takes any name', () => {
    const tree = treeText('\x1b[2J', [someFile(['__proto__', 'constructor'], 1), someFile(['a\nb'], 1)])
    assert.match(tree, /^\\x1b\[2J\//)
    assert.match(tree, /__proto__\/.*\n.*constructor/)
    assert.match(tree, /a\\nb/)
  })
})

it('a table leaves out what is not there', () => {
  assert.equal(
    table([
      ['name', ['x']],
      ['comment', []],
      ['trackers', ['http://a', 'http://b']],
    ]),
    'name      x\ntrackers  http://a\n          http://b',
  )
})
