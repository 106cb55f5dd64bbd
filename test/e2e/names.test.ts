// Names that some platform or file system cannot hold, from the disk into a torrent and back onto a disk.

import assert from 'node:assert/strict'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parseMagnet } from '../../src/protocol/magnet.js'
import { TempFolder } from '../support/temp-folder.js'
import { type FinishedTorrent, mustRun, runTorrent } from '../support/torrent.js'
import { getArgs, make, startSeeder } from './local-peers.js'

const MERGING_DISK = fileURLToPath(new URL('../support/merging-disk.js', import.meta.url))

const NAMES = [
  'Who? What: "x".mkv',
  'a*b',
  'a|b',
  'a<b>',
  'con.log',
  'aux.c',
  'lpt1.h',
  'dot.',
  'space ',
  'tab\there',
  'new\nline',
  'back\\slash',
  '\'single\' "double"',
  'photo\u202egpj.exe',
  'zero\u200bwidth\u200d\ufeff',
  'c1\u0085\u009b31m',
  'escape\u001b[31m',
  'was \ufffd',
  '2024-01-01 10:00/photo.jpg',
  'README',
  'readme',
  'u\u0308.txt',
  '\u00fc.txt',
  'x.../dots',
  ' ',
  `${'日'.repeat(80)}.txt`,
]

const TOP = 'Top: \u202e\n\\?'

/** Nothing that moves a cursor or turns text. */
function assertFit(text: string, story: string): void {
  assert.doesNotMatch(text, /(?!\n)\p{Cc}|[\u200b\u202a-\u202e\u2060-\u206f\ufeff]/u, story)
}

async function writeAll(folder: TempFolder, top: string, names: readonly string[]): Promise<void> {
  for (const [index, name] of names.entries()) {
    const path = folder.join(top, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, `${index} ${'x'.repeat(20_000 + index)}`)
  }
}

async function filesBelow(folder: string): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = `${entry.parentPath}/${entry.name}`
    if (entry.isFile()) found.set(path.slice(folder.length + 1), await readFile(path, 'utf8'))
  }
  return new Map([...found].sort())
}

interface ShownInfo {
  readonly name: string
  readonly files: readonly { readonly path: string }[]
  readonly magnet: string
}

function infoOf({ stdout }: FinishedTorrent): ShownInfo {
  return JSON.parse(stdout)
}

describe('odd names', { skip: process.platform === 'win32' }, () => {
  for (const format of ['v1', 'v2', 'hybrid']) {
    it(`make the round from disk to disk byte for byte, ${format}`, async () => {
      await using folder = new TempFolder()
      await writeAll(folder, `data/${TOP}`, NAMES)
      const metainfo = await make(folder.join('data', TOP), folder.join('a.torrent'), '--format', format)
      const info = infoOf(await mustRun(['info', '--json', metainfo]))
      assert.equal(info.name, TOP)
      assert.deepEqual(info.files.map(({ path }) => path).sort(), NAMES.map(name => `${TOP}/${name}`).sort())
      assert.equal(parseMagnet(info.magnet).name, TOP)
      const checked = await mustRun(['check', metainfo, '-d', folder.join('data')])
      assert.doesNotMatch(checked.stderr, /is called/, checked.story)

      await using seeder = await startSeeder(metainfo, folder.join('data'))
      const args = getArgs(metainfo, folder.join('got'), [seeder.address]).filter(arg => arg !== '--json')
      const got = await mustRun([...args, '--exit'])
      assert.deepEqual(await filesBelow(folder.join('got')), await filesBelow(folder.join('data')))
      const shown = await mustRun(['info', metainfo])
      for (const { stdout, stderr, story } of [checked, got, shown]) assertFit(stdout + stderr, story)
    })
  }

  it('are escaped in JSON, which stays the same value', async () => {
    await using folder = new TempFolder()
    await writeAll(folder, 'data/x', NAMES)
    const metainfo = await make(folder.join('data/x'), folder.join('a.torrent'))
    const finished = await mustRun(['info', '--json', metainfo])
    assertFit(finished.stdout, finished.story)
    assert.deepEqual(
      infoOf(finished)
        .files.map(({ path }) => path)
        .sort(),
      NAMES.map(name => `x/${name}`).sort(),
    )
  })

  it('of a single file are kept, and seeded without a .torrent', async () => {
    await using folder = new TempFolder()
    const [name = ''] = NAMES
    await writeAll(folder, 'data', [name])
    const metainfo = folder.join('a.torrent')
    await using seeder = await startSeeder(folder.join('data', name), folder.join('data'), [
      '--no-tracker',
      '-o',
      metainfo,
    ])
    await mustRun([...getArgs(metainfo, folder.join('got'), [seeder.address]), '--exit'])
    assert.deepEqual(await readdir(folder.join('got')), [name])
  })

  it('are named by `make` where another platform will have to change them', async () => {
    await using folder = new TempFolder()
    await writeAll(folder, 'data/x', ['a:b', 'README', 'readme', 'con', 'fine'])
    const made = await mustRun(['make', folder.join('data/x'), '-o', folder.join('a.torrent')])
    const warnings = made.stderr.split('\n').filter(line => line.includes('warning'))
    assert.equal(warnings.length, 1, made.story)
    assert.match(
      warnings[0] ?? '',
      /3 names will have to be changed on Windows or macOS: "x\/a:b", "x\/con", "x\/readme"$/,
    )
    await writeAll(folder, 'plain/x', ['fine', 'ünï'])
    const plain = await mustRun(['make', folder.join('plain/x'), '-o', folder.join('b.torrent')])
    assert.doesNotMatch(plain.stderr, /warning/)
  })

  it('go on under the names that an earlier version gave them', async () => {
    await using folder = new TempFolder()
    await writeAll(folder, 'data/x', ['a:b', 'con.log', 'd?/e'])
    const metainfo = await make(folder.join('data/x'), folder.join('a.torrent'))
    await writeAll(folder, 'got/x', ['a:b', 'con.log', 'd?/e'])
    for (const [name, other] of [
      ['a:b', 'a_b'],
      ['con.log', '_con.log'],
      ['d?', 'd_'],
    ] as const)
      await rename(folder.join('got/x', name), folder.join('got/x', other))
    const checked = await mustRun(['check', metainfo, '-d', folder.join('got')])
    assert.match(checked.stderr, /"x\/a:b" is called "a_b", .* on this disk/, checked.story)
    // No peer: what is not found would never come.
    await mustRun([...getArgs(metainfo, folder.join('got'), []), '--exit'])
    assert.deepEqual((await readdir(folder.join('got/x'))).sort(), ['_con.log', 'a_b', 'd_'])
  })
})

describe('a disk that merges names and refuses those of Windows', {
  skip: process.platform === 'win32',
}, () => {
  it('gets names that it can hold, told once, and found by every command', async () => {
    await using folder = new TempFolder()
    await writeAll(folder, `data/${TOP}`, NAMES)
    const metainfo = await make(folder.join('data', TOP), folder.join('a.torrent'))
    await using seeder = await startSeeder(metainfo, folder.join('data'))
    const disk = folder.join('disk')
    await mkdir(disk)
    const env = { NODE_OPTIONS: `--import ${MERGING_DISK}`, MERGING_DISK: disk }
    const state = folder.join('state')
    const get = [...getArgs(metainfo, disk, [seeder.address]), '--exit']

    const first = await runTorrent(get, { env, state })
    assert.equal(first.code, 0, first.story)
    const warnings = first.events.filter(event => event.type === 'warning')
    assert.equal(warnings.length, 1, first.story)
    assert.match(warnings[0]?.message ?? '', /is called "Top_ ___", .* on this disk$/s)
    const there = await filesBelow(disk)
    assert.equal(there.size, NAMES.length)
    assert.deepEqual([...there.values()].sort(), [...(await filesBelow(folder.join('data'))).values()].sort())
    for (const path of there.keys()) assert.doesNotMatch(path, /[<>:"|?*\\\t\n]|[. ](\/|$)/)

    const second = await runTorrent(get, { env, state })
    assert.equal(second.code, 0, second.story)
    assert.ok(!second.events.some(event => event.type === 'warning'), second.story)
    // Another user, or one whose state is lost, finds the files as well.
    for (const kept of [state, folder.join('other')]) {
      const checked = await runTorrent(['check', metainfo, '-d', disk], { env, state: kept })
      assert.equal(checked.code, 0, checked.story)
    }
    assert.equal((await filesBelow(disk)).size, NAMES.length)
  })
})
