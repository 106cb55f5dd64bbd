import assert from 'node:assert/strict'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { describe, it } from 'node:test'
import { digestTree, writeRandomFile } from '../support/content.js'
import { without } from '../support/partners.js'
import { listen } from '../support/ports.js'
import { TempFolder } from '../support/temp-folder.js'
import { type FinishedTorrent, runTorrent, torrent } from '../support/torrent.js'
import { getArgs, make, type Seeder, startSeeder } from './local-peers.js'

const DISK = 6
const MIB = 2 ** 20

interface Setup extends AsyncDisposable {
  readonly folder: TempFolder
  readonly metainfo: string
  readonly seeder: Seeder
}

/** A seeder of `content.bin` (4 MiB) in a folder of its own. */
async function setUp(): Promise<Setup> {
  const folder = new TempFolder()
  try {
    const content = folder.join('data', 'content.bin')
    await writeRandomFile(content, 4 * MIB, 1)
    const metainfo = await make(content, folder.join('content.torrent'))
    const seeder = await startSeeder(metainfo, folder.join('data'))
    return {
      folder,
      metainfo,
      seeder,
      async [Symbol.asyncDispose]() {
        await seeder[Symbol.asyncDispose]()
        await folder[Symbol.asyncDispose]()
      },
    }
  } catch (error) {
    await folder[Symbol.asyncDispose]()
    throw error
  }
}

function assertRefused(finished: FinishedTorrent, says: RegExp): void {
  assert.equal(finished.code, DISK, finished.story)
  assert.match(finished.stderr.trimEnd().split('\n').at(-1) ?? '', says)
  assert.doesNotMatch(finished.stderr, /^ {4}at /m, 'a stack trace')
}

/** Runs a command with a small disk of its own at `path`, which goes with the process. */
function onDisk(path: string, options: string): string[] {
  const script = `mount -t tmpfs -o "$0" tmpfs "$1" && shift && exec "$@"`
  return ['unshare', '--mount', 'sh', '-c', script, options, path]
}

describe('a disk or a port that will not do', () => {
  it('a folder that is not there: `make`, `seed` and `check` say so', async () => {
    await using setup = await setUp()
    const nowhere = setup.folder.join('nowhere')
    assertRefused(await runTorrent(['make', nowhere]), /nowhere/)
    assertRefused(await runTorrent(['seed', nowhere, '-p', '0']), /nowhere/)
    assertRefused(await runTorrent(['info', `${nowhere}.torrent`]), /nowhere\.torrent/)
    assertRefused(await runTorrent(['check', setup.metainfo, '-d', nowhere]), /nowhere/)
  })

  it('a file where the folder must be: it is kept', async () => {
    await using setup = await setUp()
    const file = setup.folder.join('a-file')
    await writeFile(file, 'precious')
    const args = getArgs(setup.metainfo, file, [setup.seeder.address])
    assertRefused(await runTorrent([...args, '--exit']), /a-file/)
    assert.equal(await readFile(file, 'utf8'), 'precious')
  })

  it('a folder where the file must be: it is kept', async () => {
    await using setup = await setUp()
    const inside = setup.folder.join('got', 'content.bin', 'inside')
    await mkdir(setup.folder.join('got', 'content.bin'), { recursive: true })
    await writeFile(inside, 'precious')
    const args = getArgs(setup.metainfo, setup.folder.join('got'), [setup.seeder.address])
    assertRefused(await runTorrent([...args, '--exit']), /content\.bin/)
    assert.equal(await readFile(inside, 'utf8'), 'precious')
  })

  for (const [kind, bytes] of [
    ['shorter', 1000],
    ['of the same size', 4 * MIB],
    ['longer', 5 * MIB],
  ] as const) {
    it(`a file of another content that is ${kind}: it is kept`, async () => {
      await using setup = await setUp()
      const existing = setup.folder.join('got', 'content.bin')
      await writeRandomFile(existing, bytes, 2)
      const before = await digestTree(existing)
      const args = getArgs(setup.metainfo, setup.folder.join('got'), [setup.seeder.address])
      assertRefused(await runTorrent([...args, '--exit']), /content\.bin/)
      assert.deepEqual(await digestTree(existing), before)
    })
  }

  it('a .torrent that is there already: `make` keeps it', async () => {
    await using setup = await setUp()
    const before = await readFile(setup.metainfo)
    const args = ['make', setup.folder.join('data', 'content.bin'), '-o', setup.metainfo, '-c', 'another']
    assertRefused(await runTorrent(args), /content\.torrent/)
    assert.deepEqual(await readFile(setup.metainfo), before)
  })

  it('a port that is taken: `seed`, `get` and `tracker` say which', async () => {
    await using setup = await setUp()
    const taken = createServer()
    const port = `${await listen(taken)}`
    try {
      const at = ['-p', port, '--bind', '127.0.0.1']
      const says = new RegExp(`\\b${port}\\b`)
      const { folder, metainfo } = setup
      assertRefused(await runTorrent(['tracker', ...at]), says)
      assertRefused(await runTorrent(['seed', metainfo, '-d', folder.join('data'), ...at]), says)
      assertRefused(await runTorrent(['get', metainfo, '-d', folder.join('got'), ...at]), says)
    } finally {
      await new Promise(resolve => taken.close(resolve))
    }
  })

  it('a disk that can only be read', { skip: without('namespaces') }, async () => {
    await using setup = await setUp()
    const disk = setup.folder.join('disk')
    await mkdir(disk)
    const args = getArgs(setup.metainfo, disk, [setup.seeder.address])
    assertRefused(await runTorrent([...args, '--exit'], { prefix: onDisk(disk, 'ro,size=16m') }), /disk/)
  })

  it('a disk that gets full: what there is is kept, and the next start goes on', {
    skip: without('namespaces'),
  }, async () => {
    await using setup = await setUp()
    const disk = setup.folder.join('disk')
    await mkdir(disk)
    const args = getArgs(setup.metainfo, disk, [setup.seeder.address])
    // A second file takes half of the disk, and goes once the download has failed for it.
    const script = [
      'mount -t tmpfs -o size=6m tmpfs "$0"',
      'head -c 4194304 /dev/zero > "$0/ballast"',
      '"$@" --exit; first=$?',
      'rm "$0/ballast"',
      'echo "first: $first" >&2',
      '"$@" --exit && sha256sum < "$0/content.bin" >&2',
    ].join('\n')
    const state = setup.folder.join('state')
    await using leecher = torrent(args, { state, prefix: ['unshare', '--mount', 'sh', '-c', script, disk] })
    const { code } = await leecher.exit()
    const story = leecher.child.explain('the two downloads')
    assert.equal(code, 0, story)
    assert.match(leecher.child.stderr, /first: 6/, story)
    assert.match(leecher.child.stderr, /full|space/i, story)
    const [wanted] = (await digestTree(setup.folder.join('data'))).values()
    assert.ok(leecher.child.stderr.includes(wanted ?? '?'), story)
    await rm(state, { recursive: true, force: true })
  })
})
