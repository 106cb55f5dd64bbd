// Under which names content lies on a disk: what is there is found, and only what is written and cannot be held is changed.

import assert from 'node:assert/strict'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { inOneGo } from '../../../../src/base/steps.js'
import { findDiskNames } from '../../../../src/client/disk/names/disk-names.js'
import { MERGES_ALL, MERGES_NOTHING, type Merging } from '../../../../src/client/disk/names/folding.js'
import type { NameProbe } from '../../../../src/client/disk/names/name-probe.js'
import {
  fits,
  POSIX_LIMIT,
  SHORTEST_LIMIT,
  UTF16_LIMIT,
} from '../../../../src/client/disk/names/name-rules.js'
import { hasOddNames, type NamedLayout } from '../../../../src/client/disk/names/name-tree.js'
import { safeName } from '../../../../src/client/disk/names/safe-names.js'
import type { ContentEntry } from '../../../../src/protocol/metainfo/metainfo.js'
import { TempFolder } from '../../../support/temp-folder.js'

function file(path: string): ContentEntry {
  const hashes = { sha256: undefined, piecesRoot: undefined }
  return { type: 'file', path: path.split('/'), length: 1, offset: 0, isExecutable: false, ...hashes }
}

function link(path: string, target: string): ContentEntry {
  return { type: 'symlink', path: path.split('/'), length: 0, offset: 0, target: target.split('/') }
}

const PAD: ContentEntry = { type: 'pad', path: ['.pad', '1'], length: 1, offset: 0 }

function folder(name: string, ...entries: (string | ContentEntry)[]): NamedLayout {
  return {
    name,
    isFolder: true,
    entries: entries.map(entry => (typeof entry === 'string' ? file(entry) : entry)),
  }
}

function single(name: string): NamedLayout {
  return { name, isFolder: false, entries: [file(name)] }
}

interface DiskTraits {
  readonly windows?: boolean
  readonly merging?: Merging
  readonly limit?: typeof POSIX_LIMIT
  readonly isWindows?: boolean
}

/** A file system as it is told here, which counts what it is asked. */
class ToldProbe implements NameProbe {
  readonly asked: string[] = []
  readonly isWindows: boolean
  readonly usualLimit = POSIX_LIMIT
  readonly #traits: DiskTraits

  constructor(traits: DiskTraits = {}) {
    this.#traits = traits
    this.isWindows = traits.isWindows ?? false
  }

  async forbidsWindowsNames(): Promise<boolean> {
    this.asked.push('windows')
    return this.#traits.windows ?? this.isWindows
  }

  async limit(): Promise<typeof POSIX_LIMIT> {
    this.asked.push('limit')
    return this.#traits.limit ?? POSIX_LIMIT
  }

  async merging(): Promise<Merging> {
    this.asked.push('merging')
    return this.#traits.merging ?? MERGES_NOTHING
  }
}

async function put(disk: TempFolder, ...paths: string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(disk.join(path)), { recursive: true })
    await writeFile(disk.join(path), 'x')
  }
}

interface Found {
  readonly paths: string[]
  readonly changed: Readonly<Record<string, string>>
}

async function named(
  layout: NamedLayout,
  dir: string,
  mode: 'read' | 'write',
  probe: NameProbe = new ToldProbe(),
  remembered: Readonly<Record<string, string>> = {},
): Promise<Found> {
  const names = await findDiskNames(layout, { dir, mode }, new Map(Object.entries(remembered)), probe)
  const { name, isFolder, entries } = names.layout
  const paths: string[] = []
  for (const entry of entries) {
    if (entry.type !== 'pad') paths.push(isFolder ? [name, ...entry.path].join('/') : name)
    if (entry.type === 'symlink') paths.push(`-> ${entry.target.join('/')}`)
  }
  return { paths, changed: Object.fromEntries(names.changed) }
}

const BOTH = ['read', 'write'] as const

describe('ordinary names', () => {
  test('cost no look at the disk: the layout is the one that was given', async () => {
    const layout = folder('Show', 'a/b', PAD, 'ü.txt', link('l', 'a'))
    const probe = new ToldProbe()
    for (const mode of BOTH) {
      const { layout: same, changed } = await findDiskNames(
        layout,
        { dir: '/nowhere', mode },
        undefined,
        probe,
      )
      assert.equal(same, layout)
      assert.equal(changed.size, 0)
    }
    assert.deepEqual(probe.asked, [])
  })
})

describe('what lies there', () => {
  test('is found under the names of the torrent, whatever they are', async () => {
    await using disk = new TempFolder()
    const paths = [
      'W?/a: b',
      'W?/con.log',
      'W?/x.',
      'W?/2024-01-01 10:00/y',
      'W?/README',
      'W?/readme',
      'W?/\u202ex',
    ]
    await put(disk, ...paths, 'W_/a_ b')
    const layout = folder('W?', ...paths.map(path => path.slice(3)))
    for (const mode of BOTH) {
      const probe = new ToldProbe({ windows: true, merging: MERGES_ALL })
      assert.deepEqual(await named(layout, disk.path, mode, probe), { paths, changed: {} })
      assert.deepEqual(probe.asked, [])
    }
  })

  test('is found under the names that earlier versions gave', async () => {
    await using disk = new TempFolder()
    await put(disk, 'W_/a_ b', 'W_/_con.log', 'W_/10_00/photo', 'W_/README', 'W_/readme (2)')
    const layout = folder(
      'W?',
      'a: b',
      'con.log',
      '10:00/photo',
      'README',
      'readme',
      link('l:', '10:00/photo'),
    )
    for (const mode of BOTH) {
      assert.deepEqual(await named(layout, disk.path, mode), {
        paths: [
          ...['W_/a_ b', 'W_/_con.log', 'W_/10_00/photo', 'W_/README', 'W_/readme (2)', 'W_/l:'],
          '-> 10_00/photo',
        ],
        changed: {
          'W?': 'W_',
          'W?/a: b': 'a_ b',
          'W?/con.log': '_con.log',
          'W?/10:00': '10_00',
          'W?/readme': 'readme (2)',
        },
      })
    }
  })

  test('is found under the names that are remembered', async () => {
    await using disk = new TempFolder()
    await put(disk, 'S/mine', 'S/other')
    const remembered = { 'S/a?': 'mine', 'S/b?': 'gone', 'S/other': 'mine' }
    assert.deepEqual(
      await named(folder('S', 'a?', 'b?', 'other'), disk.path, 'read', undefined, remembered),
      {
        paths: ['S/mine', 'S/b?', 'S/other'],
        changed: { 'S/a?': 'mine' },
      },
    )
    await put(disk, 'S/a?')
    assert.deepEqual(await named(folder('S', 'a?'), disk.path, 'read', undefined, remembered), {
      paths: ['S/a?'],
      changed: {},
    })
  })

  test('belongs to one file only', async () => {
    await using disk = new TempFolder()
    await put(disk, 'S/a_b')
    assert.deepEqual((await named(folder('S', 'a?b', 'a*b', 'a_b'), disk.path, 'read')).paths, [
      'S/a?b',
      'S/a*b',
      'S/a_b',
    ])
    assert.deepEqual((await named(folder('S', 'a?b', 'a*b'), disk.path, 'read')).paths, ['S/a_b', 'S/a*b'])
  })

  test('is found under a name that was cut, on any file system', async () => {
    const long = `${'ü'.repeat(130)}.mkv`
    for (const limit of [POSIX_LIMIT, SHORTEST_LIMIT, UTF16_LIMIT]) {
      await using disk = new TempFolder()
      const probe = new ToldProbe({ limit })
      const { paths } = await named(single(long), disk.path, 'write', probe)
      assert.deepEqual(probe.asked, ['limit'])
      if (limit === UTF16_LIMIT) {
        assert.deepEqual(paths, [long])
        continue
      }
      await put(disk, ...paths)
      assert.deepEqual((await named(single(long), disk.path, 'read')).paths, paths)
    }
  })
})

describe('what is to be written', () => {
  test('keeps the names of the torrent where the file system holds them', async () => {
    await using disk = new TempFolder()
    const layout = folder('W?', 'a: b', 'README', 'readme', 'x.')
    const probe = new ToldProbe()
    assert.deepEqual(await named(layout, disk.path, 'write', probe), {
      paths: ['W?/a: b', 'W?/README', 'W?/readme', 'W?/x.'],
      changed: {},
    })
    assert.deepEqual([...new Set(probe.asked)], ['windows', 'merging'])
    assert.deepEqual(await readdir(disk.path), [])
  })

  test('gets other names where it does not', async () => {
    await using disk = new TempFolder()
    const layout = folder('W?', 'a: b', 'README', 'readme', PAD, 'd:/x', link('l', 'd:/x'))
    const probe = new ToldProbe({ windows: true, merging: MERGES_ALL })
    assert.deepEqual(await named(layout, disk.join('new'), 'write', probe), {
      paths: ['W_/a_ b', 'W_/README', 'W_/readme (2)', 'W_/d_/x', 'W_/l', '-> d_/x'],
      changed: { 'W?': 'W_', 'W?/a: b': 'a_ b', 'W?/readme': 'readme (2)', 'W?/d:': 'd_' },
    })
  })

  test('goes beside what is there under an earlier name', async () => {
    await using disk = new TempFolder()
    await put(disk, '10_00/a')
    assert.deepEqual((await named(folder('10:00', 'a', 'b:'), disk.path, 'write')).paths, [
      '10_00/a',
      '10_00/b:',
    ])
  })

  test('does not get the name of another file', async () => {
    await using disk = new TempFolder()
    await put(disk, 'S/a_b')
    const probe = new ToldProbe({ windows: true })
    const { paths } = await named(folder('S', 'a_b', 'a?b', 'a*b'), disk.path, 'write', probe)
    assert.deepEqual(paths, ['S/a_b', 'S/a_b (2)', 'S/a_b (3)'])
  })

  test('is asked about once for all folders', async () => {
    await using disk = new TempFolder()
    const probe = new ToldProbe()
    await named(folder('S', ...Array.from({ length: 50 }, (_, i) => `${i}/a:`)), disk.path, 'write', probe)
    assert.deepEqual(probe.asked, ['windows'])
  })
})

describe('what is only looked for', () => {
  test('is nothing to tell of, though this disk has no room for its name', async () => {
    await using disk = new TempFolder()
    const long = `${'x'.repeat(300)}.txt`
    assert.deepEqual(await named(single(long), disk.path, 'read'), {
      paths: [`${'x'.repeat(236)}.txt`],
      changed: {},
    })
  })

  test('is not taken for its twin where the file system merges names', {
    skip: process.platform !== 'linux',
  }, async () => {
    await using disk = new TempFolder()
    await put(disk, 'S/README')
    assert.deepEqual((await named(folder('S', 'README', 'readme'), disk.path, 'read')).paths, [
      'S/README',
      'S/readme',
    ])
  })
})

describe('on Windows', () => {
  test('a name that would mean another file is never used, even to look', async () => {
    await using disk = new TempFolder()
    const layout = folder('C:', '..\\..\\x', 'a:b', 'con')
    for (const mode of BOTH) {
      const { paths } = await named(layout, disk.path, mode, new ToldProbe({ isWindows: true }))
      assert.deepEqual(paths, ['C_/.._.._x', 'C_/a_b', 'C_/_con'])
    }
  })
})

test('a name is odd exactly where an earlier version changed it, or some file system has no room for it', () => {
  const anyName = fc.oneof(
    fc.string({ minLength: 1, maxLength: 60 }),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }),
    fc.constantFrom(
      'con',
      'CON.txt',
      'nul ',
      'a.',
      'a ',
      'clock$',
      'com1.x',
      'x'.repeat(143),
      'x'.repeat(144),
    ),
  )
  fc.assert(
    fc.property(anyName, name => {
      const isOdd = safeName(name) !== name || !fits(name, SHORTEST_LIMIT)
      assert.equal(inOneGo(hasOddNames(single(name))), isOdd)
    }),
    { numRuns: 2_000 },
  )
})

test('names of one folder that are alike are noticed, in whatever order they come', () => {
  const isOdd = (...paths: string[]) => inOneGo(hasOddNames(folder('x', ...paths)))
  for (const paths of [
    ['a', 'A'],
    ['d/a', 'x', 'd/A'],
    ['d/a', 'x', 'D/b'],
    ['d/e/a', 'x', 'd/E/b'],
    ['a', 'A/b'],
    ['A/b', 'a'],
    ['\u00fc', 'u\u0308'],
    ['a', 'b/:/c'],
    ['b/:/c', 'b/:/d'],
  ])
    assert.ok(isOdd(...paths), paths.join(' '))
  assert.ok(!isOdd('a', 'b/a', 'b/c/a', 'a2', 'b/a2', 'd/A2', 'd/c/a'))
})

test('a hundred thousand odd names are named in steps', async () => {
  await using disk = new TempFolder()
  const layout = folder('S', ...Array.from({ length: 100_000 }, (_, i) => `${i % 100}/a:${i}`))
  const { paths } = await named(layout, disk.path, 'write', new ToldProbe({ windows: true }))
  assert.equal(paths[99_999], 'S/99/a_99999')
})
