// Torrents of which some files are wanted, in real sessions on this machine.

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { Selection } from '../../../src/engine/pick/selection.js'
import type { Info } from '../../../src/protocol/metainfo/metainfo.js'
import { within } from '../../support/deadline.js'
import { SampleTorrent } from '../support/sample-torrent.js'
import { add, openSession, seed } from '../support/sessions.js'

const WITHIN_MS = 20_000
const PIECE_LENGTH = 65_536

/** In v1 each shares a piece with the one before and the one behind. */
const FILES = [
  { path: 'a.bin', bytes: 300_000 },
  { path: 'b.bin', bytes: 250_001 },
  { path: 'c/small', bytes: 1_000 },
  { path: 'd.bin', bytes: 400_000 },
  { path: 'e/empty', bytes: 0 },
  { path: 'e/last.bin', bytes: 150_000 },
]

/** Selects files by their paths. */
function only(...paths: string[]): (info: Info) => Selection {
  return info => Selection.of(info, (_, { path }) => (paths.includes(path.join('/')) ? 4 : 0))
}

function assertSameFiles(sample: SampleTorrent, dir: string, paths: readonly string[]): void {
  const { name } = sample.metainfo
  for (const path of paths)
    assert.ok(
      readFileSync(join(dir, name, path)).equals(readFileSync(join(sample.dataDir, name, path))),
      path,
    )
}

for (const version of ['v1', 'v2', 'hybrid'] as const) {
  describe(`some files of a torrent, ${version}`, () => {
    const make = () => SampleTorrent.make({ version, pieceLength: PIECE_LENGTH, files: FILES })

    it('are downloaded, verified and seeded; what is counted is theirs', async () => {
      await using sample = await make()
      await using seeder = await openSession()
      const { address } = await seed(seeder, sample)
      await using session = await openSession()
      const dir = sample.dir('got')
      const selection = only('b.bin', 'e/empty')
      const { task, watch } = add(session, sample, { dir, selection, peers: [address] })
      const { checksums } = await within(WITHIN_MS, 'complete', watch.until('complete'))
      await within(WITHIN_MS, 'seeding', watch.until('seeding'))
      assert.deepEqual(watch.types, ['checking', 'downloading', 'complete', 'seeding'])
      assert.deepEqual(
        checksums.map(({ path }) => path),
        ['b.bin', 'e/empty'],
      )
      const { done, total } = task.status
      assert.deepEqual([done, total], [250_001, 250_001])
      assertSameFiles(sample, dir, ['b.bin', 'e/empty'])
    })

    it('are complete at the next start, and more of them with nothing downloaded twice', async () => {
      await using sample = await make()
      await using seeder = await openSession()
      const { address } = await seed(seeder, sample)
      const dir = sample.dir('got')
      let downloaded = 0
      const downloads: boolean[] = []
      for (const paths of [['b.bin'], ['b.bin'], ['b.bin', 'd.bin'], FILES.map(({ path }) => path)]) {
        await using session = await openSession()
        const { task, watch } = add(session, sample, { dir, selection: only(...paths), peers: [address] })
        await within(WITHIN_MS, 'seeding', watch.until('seeding'))
        assertSameFiles(sample, dir, paths)
        downloads.push(watch.types.includes('downloading'))
        downloaded += task.status.downloaded
      }
      assert.deepEqual(downloads, [true, false, true, true])
      const { size, pieceCount } = sample.metainfo
      // Pads within a block are downloaded with it.
      assert.ok(downloaded - size < pieceCount * 16_384, `${downloaded} of ${size}`)
      if (version !== 'hybrid') assert.equal(downloaded, size)
    })

    it('are seeded where the others are not there', async () => {
      await using sample = await make()
      await using seeder = await openSession()
      const { address } = await seed(seeder, sample)
      const dir = sample.dir('got')
      const selection = only('d.bin')
      {
        await using session = await openSession()
        const { watch } = add(session, sample, { dir, selection, peers: [address] })
        await within(WITHIN_MS, 'complete', watch.until('complete'))
      }
      await using session = await openSession()
      const part = add(session, sample, { dir, selection, mode: 'seed' })
      await within(WITHIN_MS, 'seeding', part.watch.until('seeding'))
      await part.task.remove()
      const whole = add(session, sample, { dir, mode: 'seed' })
      await assert.rejects(whole.watch.until('seeding'), { code: 'incomplete' })
    })
  })
}

describe('a selection', () => {
  it('of nothing is complete at once and makes nothing', async () => {
    await using sample = await SampleTorrent.make({ version: 'v1', files: FILES })
    await using session = await openSession()
    const dir = sample.dir('got')
    const { task, watch } = add(session, sample, { dir, selection: only() })
    await within(WITHIN_MS, 'seeding', watch.until('seeding'))
    assert.deepEqual(watch.types, ['checking', 'complete', 'seeding'])
    assert.equal(task.status.total, 0)
    assert.ok(!existsSync(dir))
  })

  it('that cannot be made ends the torrent before it begins', async () => {
    await using sample = await SampleTorrent.make({ version: 'v1', files: FILES })
    await using session = await openSession()
    const selection = () => {
      throw new RangeError('no such file')
    }
    assert.throws(() => add(session, sample, { dir: sample.dir('got'), selection }), RangeError)
    assert.equal(session.torrents.size, 0)
  })
})
