import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  appendFile,
  cp,
  mkdir,
  open,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { contentOf, makeTorrent } from '../protocol/metainfo/making.js'
import { digestTree, writeRandomFile } from '../support/content.js'
import { TempFolder } from '../support/temp-folder.js'
import { type FinishedTorrent, mustRun, runTorrent, torrent } from '../support/torrent.js'
import { getArgs, make, startSeeder } from './local-peers.js'

const DISK = 6
const FORMATS = ['v1', 'v2', 'hybrid'] as const
const FILES = [
  ['a', 50_000],
  ['b', 20_000],
  ['empty', 0],
  ['sub/c', 20_000],
] as const

/** By the name of a torrent, what is done to its folder. */
const FAULTS: Readonly<Record<string, (content: string) => Promise<void>>> = {
  'a damaged byte': content => spoil(join(content, 'a')),
  'a changed byte with the old mtime': async content => {
    const { atime, mtime } = await stat(join(content, 'b'))
    await spoil(join(content, 'b'))
    await utimes(join(content, 'b'), atime, mtime)
  },
  'too short': content => truncate(join(content, 'a'), 1_000),
  'too long': content => appendFile(join(content, 'b'), 'more'),
  'too long where it should be empty': content => appendFile(join(content, 'empty'), 'more'),
  missing: content => rm(join(content, 'sub'), { recursive: true }),
  'a missing empty file': content => rm(join(content, 'empty')),
  'all of it missing': content => rm(content, { recursive: true }),
  'a folder in the place of a file': content => replace(join(content, 'a'), path => mkdir(path)),
  'a pipe in the place of a file': content =>
    replace(join(content, 'b'), async path => void execFileSync('mkfifo', [path])),
  'a symlink to nothing in the place of a file': content =>
    replace(join(content, 'a'), path => symlink('nothing', path)),
  'a symlink to itself in the place of a file': content =>
    replace(join(content, 'a'), path => symlink('a', path)),
  'a symlink to a damaged file': async content => {
    await spoil(join(content, 'a'))
    await moveBehindSymlink(join(content, 'a'))
  },
  'a symlink to a right file beside a damaged one': async content => {
    await moveBehindSymlink(join(content, 'a'))
    await spoil(join(content, 'b'))
  },
  'a file in the place of a folder': content =>
    replace(join(content, 'sub'), path => writeFile(path, 'precious')),
  'a symlink to a folder with a damaged file': async content => {
    await spoil(join(content, 'sub', 'c'))
    await moveBehindSymlink(join(content, 'sub'))
  },
  'a file in the place of all': content => replace(content, path => writeFile(path, 'precious')),
  'one file of other content': content => writeFile(join(content, 'a'), contentOf(50_000, 77)),
  'one longer file of other content': content => writeFile(join(content, 'a'), contentOf(60_000, 77)),
  'other content in all files': async content => {
    for (const [path, length] of FILES) await writeFile(join(content, path), contentOf(length, 78))
  },
  'several at once': async content => {
    await spoil(join(content, 'a'))
    await appendFile(join(content, 'b'), 'more')
    await replace(join(content, 'empty'), path => mkdir(path))
    await replace(join(content, 'sub'), path => writeFile(path, 'precious'))
  },
}

/** Faults for which the advice depends on whether an earlier session knows the content. */
const MAY_BE_FOREIGN = /other content|several/

async function spoil(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    const { buffer } = await file.read({ buffer: Buffer.alloc(1), position: 0 })
    await file.write(Buffer.of((buffer[0] ?? 0) ^ 1), 0, 1, 0)
  } finally {
    await file.close()
  }
}

async function replace(path: string, put: (path: string) => Promise<unknown>): Promise<void> {
  await rm(path, { recursive: true })
  await put(path)
}

async function moveBehindSymlink(path: string): Promise<void> {
  await rename(path, `${path} elsewhere`)
  await symlink(`${path} elsewhere`, path)
}

interface Subject {
  readonly name: string
  readonly metainfo: string
  readonly isDownloaded: boolean
  readonly damage: (content: string) => Promise<void>
}

/** What `check` says of one torrent. */
interface Advice {
  /** Options of `torrent get`. */
  readonly flags: string
  readonly moveAway: readonly string[]
}

/** Reads the advice as a user reads it. */
function adviceOn(name: string, { stdout, stderr }: FinishedTorrent, dir: string): Advice {
  const message = stderr.split('\n').find(line => line.startsWith(`torrent: ${name}: `)) ?? ''
  const command = /`torrent get((?: --[a-z-]+)*)`/.exec(message)
  assert.ok(command, `${name}: \`torrent get\` is not advised: ${stderr}`)
  const [, one] = /: (\/[^:]*) is not the torrent's: move it away, then/.exec(message) ?? []
  const paths = Array.from(stdout.matchAll(/^move away {2}(.*)$/gm), ([, path = '']) => path)
  const listed = paths.filter(path => `${path}/`.startsWith(join(dir, name, '/')))
  const isListed = /more, listed above, are not the torrent's: move them away, then/.test(message)
  assert.equal(listed.length > 0, isListed, message)
  return { flags: (command[1] ?? '').trim(), moveAway: one === undefined ? listed : [one] }
}

describe('what `check` advises', () => {
  it('repairs whatever is wrong, in every format', async () => {
    await using folder = new TempFolder()
    const state = folder.join('state')
    const [data, got, away] = [folder.join('data'), folder.join('got'), folder.join('away')]
    await mkdir(away)
    const subjects: Subject[] = []
    for (const format of FORMATS) {
      for (const [fault, damage] of Object.entries(FAULTS)) {
        for (const isDownloaded of MAY_BE_FOREIGN.test(fault) ? [true, false] : [true]) {
          const name = `${fault}, ${format}${isDownloaded ? '' : ', from elsewhere'}`
          const metainfo = folder.join(`${name}.torrent`)
          await makeContent(data, name, format, subjects.length, metainfo)
          if (!isDownloaded) await cp(join(data, name), join(got, name), { recursive: true })
          subjects.push({ name, metainfo, isDownloaded, damage })
        }
      }
    }
    const [first = '', ...others] = subjects.map(({ metainfo }) => metainfo)
    await using seeder = await startSeeder(first, data, ['--no-tracker', ...others])
    const seeding = new Set<string>()
    await seeder.process.waitFor('seeding', ({ infoHash }) => seeding.add(infoHash).size === subjects.length)
    const get = async (sources: readonly Subject[], flags: readonly string[]) => {
      const [one = '', ...more] = sources.map(({ metainfo }) => metainfo)
      await mustRun([...getArgs(one, got, [seeder.address]), '--exit', ...flags, ...more], { state })
    }
    await get(
      subjects.filter(({ isDownloaded }) => isDownloaded),
      [],
    )
    for (const { name, damage } of subjects) await damage(join(got, name))

    const checked = await runTorrent(['check', first, ...others, '-d', got], { state })
    assert.equal(checked.code, DISK, checked.story)
    const advised = new Map<string, Subject[]>()
    for (const subject of subjects) {
      const { flags, moveAway } = adviceOn(subject.name, checked, got)
      for (const [index, path] of moveAway.entries())
        await rename(path, join(away, `${subject.name} ${index}`))
      advised.set(flags, [...(advised.get(flags) ?? []), subject])
    }
    for (const [flags, sources] of advised) await get(sources, flags === '' ? [] : flags.split(' '))
    await mustRun(['check', first, ...others, '-d', got], { state })
    const after = await digestTree(got)
    for (const [path, digest] of await digestTree(data)) assert.equal(after.get(path), digest, path)
  })

  it('is `get` alone after a hybrid file was overwritten while it was downloaded', async () => {
    await using folder = new TempFolder()
    const state = folder.join('state')
    const content = folder.join('data', 'content.bin')
    await writeRandomFile(content, 1_000_000, 1)
    const metainfo = await make(content, folder.join('content.torrent'), '--piece-length', '16K')
    await using seeder = await startSeeder(metainfo, folder.join('data'))
    const get = getArgs(metainfo, folder.join('got'), [seeder.address])
    const slowly = [...get, '--exit', '--pick', 'sequential', '--limit-down', '500K']
    await using leecher = torrent(slowly, { state })
    await leecher.waitFor('progress', ({ done }) => done >= 100_000)
    const file = await open(folder.join('got', 'content.bin'), 'r+')
    await file.write(Buffer.alloc(50_000, 1), 0, 50_000, 0)
    await file.close()
    assert.equal((await leecher.exit()).code, 0, leecher.child.explain('the overwritten download'))
    await mustRun([...get, '--exit'], { state })
    await mustRun(['check', metainfo, '-d', folder.join('got')], { state })
  })
})

async function makeContent(
  data: string,
  name: string,
  version: (typeof FORMATS)[number],
  seed: number,
  out: string,
): Promise<void> {
  const files = FILES.map(([path, length], index) => ({
    path: path.split('/'),
    bytes: contentOf(length, 10 * seed + index + 1),
  }))
  for (const { path, bytes } of files) {
    const place = join(data, name, ...path)
    await mkdir(dirname(place), { recursive: true })
    await writeFile(place, bytes)
  }
  await writeFile(out, makeTorrent(files, { version, name, pieceLength: 16_384 }))
}
