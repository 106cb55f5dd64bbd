import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { CommanderError } from '@commander-js/extra-typings'
import { defineMake } from '../../../src/cli/commands/make.js'
import type { DraftOptions, TorrentDraft } from '../../../src/client/create/draft-torrent.js'
import { MetainfoError } from '../../../src/protocol/metainfo/metainfo-error.js'
import { someFile, someTorrent } from '../some-torrent.js'
import { type CommandRun, runCommand } from './run-command.js'

const BYTES = Buffer.from('d4:infod4:name10:ubuntu.isoee')
const DRAFT: TorrentDraft = {
  name: 'ubuntu.iso',
  isFolder: false,
  version: 'hybrid',
  pieceLength: 16_384,
  pieceCount: 7,
  entries: [someFile(['ubuntu.iso'], 100_000)],
  warnings: [],
  hidden: { files: 0, folders: 0 },
  build: async () => {
    buildCount++
    return BYTES
  },
}

let folder = ''
let out = ''
let drafted: DraftOptions | undefined
let buildCount = 0

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'torrent-make-'))
  out = join(folder, 'out.torrent')
  await writeFile(join(folder, 'ubuntu.iso'), '')
  drafted = undefined
  buildCount = 0
})
afterEach(() => rm(folder, { recursive: true }))

async function make(...args: string[]): Promise<CommandRun> {
  return await makeOf(join(folder, 'ubuntu.iso'), DRAFT, ...args)
}

async function makeOf(path: string, draft: TorrentDraft | Error, ...args: string[]): Promise<CommandRun> {
  const services = {
    draftTorrent: async (_path: string, options: DraftOptions) => {
      drafted = options
      if (draft instanceof Error) throw draft
      return draft
    },
    parseMetainfo: async () => someTorrent(),
    toMagnet: async () => 'magnet:?',
  }
  return await runCommand((command, begin) => defineMake(command, begin, services), ['make', path, ...args])
}

describe('make', () => {
  it('writes the .torrent, prints its path, and shows what it holds', async () => {
    const { status, stdout, stderr } = await make('-o', out)
    assert.equal(status, 0)
    assert.equal(stdout, `${out}\n`)
    assert.match(stderr, /^name {10}ubuntu\.iso$/m)
    assert.deepEqual(await readFile(out), BYTES)
    assert.deepEqual(await readdir(folder), ['out.torrent', 'ubuntu.iso'])
  })

  it('writes the .torrent itself to standard output with -o -', async () => {
    const { stdout } = await make('-o', '-')
    assert.equal(stdout, String(BYTES))
  })

  it('keeps what is there already, but for --force', async () => {
    await writeFile(out, 'precious')
    const { status, stderr } = await make('-o', out)
    assert.equal(status, 6)
    assert.match(stderr, /out\.torrent: it exists already: .*--force/)
    assert.equal(await readFile(out, 'utf8'), 'precious')
    assert.equal((await make('-o', out, '--force')).status, 0)
    assert.deepEqual(await readFile(out), BYTES)
  })

  it('says where it cannot write', async () => {
    const { status, stderr } = await make('-o', join(folder, 'nowhere', 'x.torrent'))
    assert.equal(status, 6)
    assert.match(stderr, /cannot write .*x\.torrent: there is no folder .*nowhere: create it/)
    assert.equal(buildCount, 0, 'before anything is hashed')
  })

  it('puts nothing where it is published itself, not even with --force', async () => {
    const draft = { ...DRAFT, isFolder: true, entries: [someFile(['out.torrent'], 5)] }
    await writeFile(out, 'precious')
    for (const [path, ...args] of [[folder], [folder, '--force'], [out, '--force']] as const) {
      const { status, stderr } = await makeOf(path, draft, '-o', out, ...args)
      assert.equal(status, 2)
      assert.match(stderr, /out\.torrent: it is itself among what is published/)
    }
    assert.equal(await readFile(out, 'utf8'), 'precious')
  })

  it('puts it beside the content where this folder is a part of it', async () => {
    const inner = join(folder, 'content', 'inner')
    await mkdir(inner, { recursive: true })
    const draft = { ...DRAFT, name: 'content', isFolder: true, entries: [someFile(['inner', 'a'], 5)] }
    const before = process.cwd()
    try {
      const runs = [
        [join(folder, 'content'), '.', '../content.torrent'],
        [inner, '..', '../../content.torrent'],
        [inner, join(folder, 'content'), '../../content.torrent'],
        [folder, 'content/', 'content.torrent'],
      ] as const
      for (const [here, path, written] of runs) {
        process.chdir(here)
        const { status, stdout } = await makeOf(path, draft, '-f')
        assert.equal(status, 0)
        assert.equal(stdout, `${written}\n`)
      }
    } finally {
      process.chdir(before)
    }
    assert.deepEqual(await readdir(folder), ['content', 'content.torrent', 'ubuntu.iso'])
    assert.deepEqual(await readdir(join(folder, 'content')), ['inner'])
  })

  it('counts what is hidden and left out, in one line', async () => {
    const draft = { ...DRAFT, hidden: { files: 3, folders: 1 } }
    const { stderr } = await makeOf(join(folder, 'ubuntu.iso'), draft, '-o', out)
    assert.match(stderr, /left out 3 hidden files and 1 hidden folder: --include-hidden takes them$/m)
  })

  it('says of what no torrent can be made', async () => {
    const failure = MetainfoError.at('files', 'invalid-value', 'there is none')
    const { status, stderr } = await makeOf('empty', failure, '-o', out)
    assert.equal(status, 6)
    assert.equal(stderr, 'torrent: empty: no torrent can be made of it: files: there is none\n')
  })

  it('only shows with --dry-run', async () => {
    const { stdout } = await make('-o', out, '--dry-run')
    assert.match(stdout, /^would write {2}.*out\.torrent\nname .*ubuntu\.iso\nsize .*97\.7 KiB/)
    assert.deepEqual(await readdir(folder), ['ubuntu.iso'])
  })

  it('tells what it made with --json', async () => {
    const { events } = await make('-o', out, '--json')
    assert.equal(events.length, 1)
    assert.equal(events[0]?.type, 'made')
    assert.equal(events[0]?.path, out)
    assert.equal(events[0]?.infoHashV1, 'ab'.repeat(20))
  })

  it('hands all options on', async () => {
    const trackers = ['-t', 'http://a/announce,http://b/announce', '-t', 'udp://c:80']
    const texts = [
      '-n',
      'other',
      '-c',
      'about',
      '--source',
      'SRC',
      '--no-date',
      '--no-creator',
      '-w',
      'https://w/',
    ]
    const content = [
      '--exclude',
      '*.tmp',
      '--exclude',
      'x',
      '--include-hidden',
      '--follow-symlinks',
      '--no-checksums',
    ]
    await make(
      '-o',
      out,
      ...trackers,
      ...texts,
      ...content,
      '--private',
      '--piece-length',
      '1MiB',
      '--format',
      'v2',
    )
    assert.deepEqual(drafted, {
      name: 'other',
      version: 'v2',
      pieceLength: 2 ** 20,
      isPrivate: true,
      source: 'SRC',
      exclude: ['*.tmp', 'x'],
      includeHidden: true,
      followSymlinks: true,
      checksums: false,
      trackers: [['http://a/announce', 'http://b/announce'], ['udp://c:80']],
      webSeeds: ['https://w/'],
      nodes: [],
      comment: 'about',
      createdBy: undefined,
      creationDate: undefined,
    })
  })

  it('makes a hybrid of what is not hidden, with date, creator and checksums, unless told otherwise', async () => {
    await make('-o', out)
    const { creationDate, createdBy, ...rest } = drafted ?? assert.fail()
    assert.ok(Math.abs((creationDate ?? 0) - Date.now() / 1000) < 60)
    assert.match(createdBy ?? '', /^torrent \d/)
    assert.deepEqual(rest, {
      name: undefined,
      version: 'hybrid',
      pieceLength: undefined,
      isPrivate: false,
      source: undefined,
      exclude: [],
      includeHidden: false,
      followSymlinks: false,
      checksums: true,
      trackers: [],
      webSeeds: [],
      nodes: [],
      comment: undefined,
    })
  })

  it('writes the nodes of the DHT that are named', async () => {
    await make('-o', out, '--node', 'router.example:6881', '--node', '[2001:db8::1]:1')
    assert.deepEqual(drafted?.nodes, [
      { host: 'router.example', port: 6881 },
      { host: '2001:db8::1', port: 1 },
    ])
  })

  it('chooses a piece length with auto', async () => {
    await make('-o', out, '--piece-length', 'auto')
    assert.equal(drafted?.pieceLength, undefined)
  })

  it('takes its date from SOURCE_DATE_EPOCH', async () => {
    process.env.SOURCE_DATE_EPOCH = '1700000000'
    try {
      await make('-o', out)
    } finally {
      delete process.env.SOURCE_DATE_EPOCH
    }
    assert.equal(drafted?.creationDate, 1_700_000_000)
  })

  it('warns of a private torrent that no peer can find', async () => {
    assert.match((await make('-o', out, '--private')).stderr, /warning: a private torrent .* --tracker/)
  })

  it('refuses values that make no sense', async () => {
    for (const args of [
      ['--piece-length', '3MiB'],
      ['--format', 'v3'],
      ['-t', 'tracker.example.org'],
      ['-w', 'udp://w'],
      ['one', 'too-many'],
      ['--publish'],
    ]) {
      await assert.rejects(make(...args), CommanderError)
    }
  })
})
