import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { defineCheck } from '../../../src/cli/commands/check.js'
import type { ContentReport, FileReport } from '../../../src/client/check-content.js'
import { someTorrent } from '../some-torrent.js'
import { type CommandRun, runCommand } from './run-command.js'

let folder = ''
let path = ''
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'torrent-check-'))
  path = join(folder, 'a.torrent')
  await writeFile(path, 'd4:infodee')
})
after(() => rm(folder, { recursive: true }))

function remedyOf(files: readonly FileReport[]): ContentReport['remedy'] {
  const moveAway = files.flatMap(({ path, state }) => (state === 'blocked' ? [resolve('data', path)] : []))
  return { moveAway, truncate: files.some(({ state }) => state === 'too-long'), recheck: false }
}

async function check(
  files: readonly FileReport[],
  badPieces: number,
  ...args: string[]
): Promise<CommandRun> {
  return await checkNamed(files, badPieces, new Map(), ...args)
}

async function checkNamed(
  files: readonly FileReport[],
  badPieces: number,
  changedNames: ReadonlyMap<string, string>,
  ...args: string[]
): Promise<CommandRun> {
  const checkContent = async (_: unknown, dir: string): Promise<ContentReport> => {
    assert.equal(dir, resolve('data'))
    const contentPath = resolve('data', 'ubuntu.iso')
    const remedy = remedyOf(files)
    return { contentPath, pieceCount: 7, badPieces, files, changedNames, remedy }
  }
  const services = { parseMetainfo: async () => someTorrent(), checkContent }
  return await runCommand(
    (command, begin) => defineCheck(command, begin, services),
    ['check', path, '-d', 'data', ...args],
  )
}

describe('check', () => {
  it('says where a file lies under another name than the torrent has', async () => {
    const renamed = new Map([['x/a:b', 'a_b']])
    const files = [{ path: 'x/a:b', state: 'ok', badPieces: 0 }] as const
    const { status, stderr } = await checkNamed(files, 0, renamed)
    assert.equal(status, 0)
    assert.match(stderr, /warning: .*"x\/a:b" is called "a_b" on this disk\n$/)
    const told = await checkNamed(files, 0, renamed, '--json')
    assert.equal(told.events[0]?.type, 'warning')
    assert.equal(told.events[0]?.code, 'name-changed')
  })

  it('says that all is well', async () => {
    const { status, stdout } = await check([{ path: 'ubuntu.iso', state: 'ok', badPieces: 0 }], 0)
    assert.equal(status, 0)
    assert.equal(stdout, 'ok  ubuntu.iso: 1 file, 7 pieces, 97.7 KiB\n')
  })

  const WRONG: readonly FileReport[] = [
    { path: 'a/ok', state: 'ok', badPieces: 0 },
    { path: 'a/damaged', state: 'damaged', badPieces: 2 },
    { path: 'a/missing', state: 'missing', badPieces: 1 },
    { path: 'a/long', state: 'too-long', badPieces: 0 },
  ]

  it('names the files that are wrong, and exits with 5', async () => {
    const { status, stdout, stderr } = await check(WRONG, 3)
    assert.equal(status, 5)
    assert.equal(stdout, 'damaged    a/damaged  (2 pieces)\nmissing    a/missing\ntoo long   a/long\n')
    assert.match(
      stderr,
      /^torrent: ubuntu\.iso: 3 of 4 files, 3 of 7 pieces are wrong in .*data: `torrent get --truncate` repairs it/m,
    )
  })

  it('says what has to be moved away before a download can repair it', async () => {
    const one = await check([...WRONG, { path: 'a/folder', state: 'blocked', badPieces: 1 }], 4)
    assert.equal(one.status, 5)
    assert.match(one.stdout, /^blocked {4}a\/folder$/m)
    assert.doesNotMatch(one.stdout, /move away/)
    assert.match(
      one.stderr,
      /: \/.*data\/a\/folder is not the torrent's: move it away, then `torrent get --truncate` repairs it/,
    )
    const blocked = ['a/x', 'a/y'].map(path => ({ path, state: 'blocked', badPieces: 1 }) as const)
    const two = await check([...WRONG, ...blocked], 5)
    assert.match(two.stdout, /\nmove away {2}\/.*data\/a\/x\nmove away {2}\/.*data\/a\/y\n$/)
    assert.match(
      two.stderr,
      /data\/a\/x and 1 more, listed above, are not the torrent's: move them away, then/,
    )
  })

  it('exits with 6 where something else is in the place of all of it', async () => {
    const { status, stderr } = await check([{ path: 'ubuntu.iso', state: 'blocked', badPieces: 7 }], 7)
    assert.equal(status, 6)
    assert.match(stderr, /nothing of it is in .*data: .*ubuntu\.iso is not the torrent's: move it away/)
  })

  it('exits with 6 where nothing is there at all', async () => {
    const { status, stdout, stderr } = await check(
      [{ path: 'ubuntu.iso', state: 'missing', badPieces: 7 }],
      7,
    )
    assert.equal(status, 6)
    assert.equal(stdout, '')
    assert.match(stderr, /nothing of it is in .*data: .*--dir/)
  })

  it('tells it all with --json', async () => {
    const { events, status } = await check(WRONG, 3, '--json')
    assert.equal(status, 5)
    const files = WRONG.map(({ path, state }) => ({ path, state }))
    const infoHash = 'ab'.repeat(20)
    assert.deepEqual(events[0], {
      type: 'checked',
      infoHash,
      name: 'ubuntu.iso',
      infoHashV1: infoHash,
      path: resolve('data', 'ubuntu.iso'),
      ok: false,
      pieceCount: 7,
      badPieces: 3,
      files,
    })
    assert.equal(events[1]?.type, 'error')
    assert.equal(events[1]?.code, 'damaged')
    assert.equal(events[1]?.infoHash, infoHash)
  })

  it('takes several torrents, and exits as the worst of them says', async () => {
    const gone = join(folder, 'gone.torrent')
    const { events, status } = await check(WRONG, 3, path, gone, path, '--json')
    assert.deepEqual(
      events.map(({ type, code }) => code ?? type),
      ['checked', 'damaged', 'checked', 'damaged', 'not-found', 'checked', 'damaged'],
    )
    assert.equal(status, 6)
    const { stdout } = await check([{ path: 'ubuntu.iso', state: 'ok', badPieces: 0 }], 0, path)
    assert.equal(stdout, 'ok  ubuntu.iso: 1 file, 7 pieces, 97.7 KiB\n'.repeat(2))
  })
})
