// Pieces that selected files of a v1 torrent share with files that are not selected: nothing is left under the names of the latter,
// and nothing is downloaded twice.

import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { SeededRandom, shuffle } from '../../../src/base/random.js'
import { checkContent } from '../../../src/client/check-content.js'
import type { Session } from '../../../src/client/session.js'
import { Selection } from '../../../src/engine/pick/selection.js'
import type { Info } from '../../../src/protocol/metainfo/metainfo.js'
import type { PeerAddress } from '../../../src/protocol/peer-address.js'
import { digestTree } from '../../support/content.js'
import { within } from '../../support/deadline.js'
import { SampleTorrent } from '../support/sample-torrent.js'
import { add, openSession, seed } from '../support/sessions.js'

const WITHIN_MS = 20_000
const PIECE_LENGTH = 65_536

/** Each shares a piece with the one before and the one behind; three lie in one piece. */
const FILES = [
  { path: 'a.bin', bytes: 300_000 },
  { path: 'b.bin', bytes: 250_001 },
  { path: 'c/1', bytes: 1_000 },
  { path: 'c/2', bytes: 2_000 },
  { path: 'c/3', bytes: 3_000 },
  { path: 'd.bin', bytes: 400_000 },
  { path: 'e.bin', bytes: 150_000 },
]
const ALL = FILES.map(({ path }) => path)

function only(paths: readonly string[]): (info: Info) => Selection {
  return info => Selection.of(info, (_, { path }) => (paths.includes(path.join('/')) ? 4 : 0))
}

/** A v1 torrent that one session seeds. */
class Setup implements AsyncDisposable {
  readonly sample: SampleTorrent
  readonly #seeder: Session
  readonly #address: PeerAddress

  private constructor(sample: SampleTorrent, seeder: Session, address: PeerAddress) {
    this.sample = sample
    this.#seeder = seeder
    this.#address = address
  }

  static async make(): Promise<Setup> {
    const sample = await SampleTorrent.make({ version: 'v1', pieceLength: PIECE_LENGTH, files: FILES })
    const seeder = await openSession()
    const { address } = await seed(seeder, sample)
    return new Setup(sample, seeder, address)
  }

  get dir(): string {
    return this.sample.dir('got')
  }

  path(file: string): string {
    return join(this.dir, 'content', file)
  }

  /** The path of the parts file, if there is one. */
  get partsFile(): string | undefined {
    const folder = this.sample.dir('state/torrent/resume')
    const names = existsSync(folder) ? readdirSync(folder).filter(name => name.endsWith('.parts')) : []
    assert.ok(names.length <= 1)
    return names[0] === undefined ? undefined : join(folder, names[0])
  }

  /** Downloads files until they are complete, in a session of its own. Gives the bytes that were downloaded. */
  async get(paths: readonly string[], options: { recheck?: boolean } = {}): Promise<number> {
    await using session = await openSession()
    const peers = [this.#address]
    const { task, watch } = add(session, this.sample, {
      dir: this.dir,
      selection: only(paths),
      peers,
      ...options,
    })
    await within(WITHIN_MS, `${paths.join(' ')} complete`, watch.until('seeding'))
    return task.status.downloaded
  }

  /** The bytes of the pieces that hold bytes of these files. */
  bytesOf(paths: readonly string[]): number {
    const { map, metainfo } = this.sample
    let bytes = 0
    for (let piece = 0; piece < metainfo.pieceCount; piece++) {
      const isWanted = map
        .slices(piece, 0, PIECE_LENGTH)
        .some(({ entryIndex }) => paths.includes(metainfo.entries.at(entryIndex)?.path.join('/') ?? ''))
      if (isWanted) bytes += map.dataSize(piece)
    }
    return bytes
  }

  /** Asserts that these files are there as they should be, and no others. */
  async assertFiles(paths: readonly string[]): Promise<void> {
    const [got, data] = [await digestTree(this.dir), await digestTree(this.sample.dataDir)]
    assert.deepEqual([...got.keys()].sort(), paths.map(path => `content/${path}`).sort())
    for (const [path, digest] of got) assert.equal(digest, data.get(path), path)
  }

  /** Asserts that all of these pieces can be downloaded from what is there. */
  async assertSeeds(paths: readonly string[]): Promise<void> {
    await using session = await openSession()
    const { watch } = add(session, this.sample, { dir: this.dir, selection: only(paths), mode: 'seed' })
    await within(WITHIN_MS, 'seeding', watch.until('seeding'))
    await using other = await openSession()
    const address = { host: '127.0.0.1', port: session.port }
    const dir = this.sample.dir('theirs')
    const theirs = add(other, this.sample, { dir, selection: only(paths), peers: [address] })
    await within(WITHIN_MS, 'theirs', theirs.watch.until('seeding'))
    await theirs.task.remove()
    rmSync(dir, { recursive: true })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#seeder[Symbol.asyncDispose]()
    await this.sample[Symbol.asyncDispose]()
  }
}

describe('bytes of files that are not selected', () => {
  it('lie in the state folder, and are served', async () => {
    await using setup = await Setup.make()
    assert.equal(await setup.get(['b.bin', 'c/2']), setup.bytesOf(['b.bin', 'c/2']))
    await setup.assertFiles(['b.bin', 'c/2'])
    // The end of a.bin, c/1, c/3, and the beginning of d.bin.
    const edges = setup.bytesOf(['b.bin', 'c/2']) - 250_001 - 2_000
    assert.equal(statSync(setup.partsFile ?? '').size, edges)
    await setup.assertSeeds(['b.bin', 'c/2'])
    await setup.assertFiles(['b.bin', 'c/2'])
  })

  it('move into the files once these are selected, and are not downloaded again', async () => {
    await using setup = await Setup.make()
    const seedOfTest = Number(process.env.TORRENT_TEST_SEED ?? Date.now() % 2 ** 32)
    const random = new SeededRandom(seedOfTest)
    const selected = new Set<string>()
    let downloaded = 0
    for (const path of shuffle([...ALL], random)) {
      selected.add(path)
      downloaded += await setup.get([...selected], { recheck: random.below(2) === 0 })
      await setup.assertFiles([...selected])
      const message = `TORRENT_TEST_SEED=${seedOfTest}: ${[...selected].join(' ')}`
      assert.equal(downloaded, setup.bytesOf([...selected]), message)
    }
    assert.equal(setup.partsFile, undefined)
  })

  it('stay of use where fewer files are selected, and files that are there stay', async () => {
    await using setup = await Setup.make()
    let downloaded = await setup.get(['a.bin', 'b.bin'])
    downloaded += await setup.get(['e.bin'])
    await setup.assertFiles(['a.bin', 'b.bin', 'e.bin'])
    downloaded += await setup.get(['c/3'])
    downloaded += await setup.get(ALL)
    assert.equal(downloaded, setup.sample.metainfo.size)
    await setup.assertFiles(ALL)
    assert.equal(setup.partsFile, undefined)
  })

  it('go into a file that is there in part', async () => {
    await using setup = await Setup.make()
    await setup.get(['b.bin'])
    truncateSync(setup.path('b.bin'), 200_000)
    // Its last piece, which c/2 shares, goes where its first ones are; the one that was cut is missing.
    assert.equal(await setup.get(['c/2']), PIECE_LENGTH)
    assert.equal(statSync(setup.path('b.bin')).size, 250_001)
    assert.equal(await setup.get(['b.bin', 'c/2']), PIECE_LENGTH)
    await setup.assertFiles(['b.bin', 'c/2'])
  })

  it('leave a file alone that is of another program', async () => {
    await using setup = await Setup.make()
    await mkdir(join(setup.dir, 'content', 'c'), { recursive: true })
    writeFileSync(setup.path('c/1'), 'not of this torrent')
    writeFileSync(setup.path('a.bin'), 'nor is this')
    await setup.get(['b.bin'])
    assert.equal(readFileSync(setup.path('c/1'), 'utf8'), 'not of this torrent')
    assert.equal(readFileSync(setup.path('a.bin'), 'utf8'), 'nor is this')
  })

  it('are downloaded again where the state was removed, and then only these', async () => {
    await using setup = await Setup.make()
    await setup.get(['b.bin', 'd.bin'])
    rmSync(setup.sample.dir('state'), { recursive: true })
    const shared = 4 * PIECE_LENGTH
    const again = await setup.get(['b.bin', 'd.bin'])
    assert.ok(again > 0 && again <= shared, `${again}`)
    await setup.assertFiles(['b.bin', 'd.bin'])
    await setup.assertSeeds(['b.bin', 'd.bin'])
  })

  it('are downloaded again where another program changed the parts file', async () => {
    await using setup = await Setup.make()
    await setup.get(['b.bin'])
    writeFileSync(setup.partsFile ?? '', 'x'.repeat(100))
    const again = await setup.get(['b.bin'])
    assert.ok(again > 0 && again <= 2 * PIECE_LENGTH, `${again}`)
    await setup.assertFiles(['b.bin'])
  })

  it('let a check find the selected files right, and the others not selected', async () => {
    await using setup = await Setup.make()
    await setup.get(['b.bin', 'c/2'])
    const check = async () =>
      await checkContent(setup.sample.metainfo, setup.dir, {
        signal: new AbortController().signal,
        onProgress: () => {},
      })
    const { files, badPieces, remedy } = await check()
    const right = files.filter(({ state }) => state === 'ok').map(({ path }) => path)
    assert.deepEqual(right, ['content/b.bin', 'content/c/2'])
    assert.ok(files.every(({ state }) => state === 'ok' || state === 'not-selected'))
    assert.deepEqual([badPieces, remedy.moveAway], [0, []])
    truncateSync(setup.path('b.bin'), 100_000)
    const cut = await check()
    assert.equal(cut.files.find(({ path }) => path === 'content/b.bin')?.state, 'too-short')
    assert.ok(cut.badPieces > 0)
  })

  it('are not needed to seed what lies between the edges', async () => {
    await using setup = await Setup.make()
    await setup.get(['b.bin'])
    rmSync(setup.sample.dir('state'), { recursive: true })
    await using session = await openSession()
    const { task, watch } = add(session, setup.sample, {
      dir: setup.dir,
      selection: only(['b.bin']),
      mode: 'seed',
    })
    await within(WITHIN_MS, 'seeding', watch.until('seeding'))
    assert.ok(task.status.done > 0)
    const whole = await openSession()
    await using _ = whole
    const all = add(whole, setup.sample, { dir: setup.dir, mode: 'seed' })
    await assert.rejects(all.watch.until('seeding'), { code: 'incomplete' })
  })
})
