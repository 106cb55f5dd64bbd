import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fileTree } from '../../../src/cli/view/file-tree.js'
import { table } from '../../../src/cli/view/table.js'

describe('the tree of files', () => {
  it('shows folders with what they hold', () => {
    const tree = fileTree('album', [
      { path: ['cover.jpg'], length: 2048 },
      { path: ['cd1', 'one.flac'], length: 1024 },
      { path: ['cd1', 'two.flac'], length: 1024 },
      { path: ['cd2', 'extra', 'three.flac'], length: 4096 },
      { path: ['latest'], length: 0, remark: ' -> cd2/extra' },
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

  it('can be cut, and says what is missing', () => {
    const files = Array.from({ length: 10_000 }, (_, i) => ({ path: ['d', `${i}`], length: 1 }))
    const lines = fileTree('many', files, { maxLines: 5 }).split('\n')
    assert.equal(lines.length, 6)
    assert.equal(lines.at(-1), '… and 9,997 more files')
    assert.equal(fileTree('many', files).split('\n').length, 10_002)
  })

  it('escapes names, and takes any name', () => {
    const tree = fileTree('\x1b[2J', [
      { path: ['__proto__', 'constructor'], length: 1 },
      { path: ['a\nb'], length: 1 },
    ])
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
