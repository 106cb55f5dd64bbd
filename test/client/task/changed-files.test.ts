// Files that another program changes while a torrent is downloaded or seeded, in real sessions.

import assert from 'node:assert/strict'
import {
  appendFileSync,
  closeSync,
  openSync,
  readFileSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { Session } from '../../../src/client/session.js'
import type { AddOptions } from '../../../src/client/task/task-host.js'
import type { TorrentTask } from '../../../src/client/task/torrent-task.js'
import { within } from '../../support/deadline.js'
import { SampleTorrent } from '../support/sample-torrent.js'
import { turns, Watch } from '../support/watch.js'

const WITHIN_MS = 30_000
const HERE = '127.0.0.1'
const PIECE_LENGTH = 2 ** 21

async function openSession(): Promise<Session> {
  return await Session.open({ port: 0, bind: HERE, encryption: 'off' })
}

function overwrite(path: string, at: number): void {
  const descriptor = openSync(path, 'r+')
  writeSync(descriptor, Buffer.alloc(4_096, 7), 0, 4_096, at)
  closeSync(descriptor)
}

/** Downloads from an honest seeder; `change` is done to the file when some pieces are there and others are not. */
async function downloadWith(
  change: (path: string, task: TorrentTask) => void,
  version: 'v1' | 'hybrid' = 'v1',
) {
  await using sample = await SampleTorrent.make({
    version,
    bytes: 24 * 2 ** 20,
    pieceLength: PIECE_LENGTH,
    checksums: version === 'hybrid',
  })
  await using seeder = await openSession()
  const seed = new Watch(seeder.add(sample.metainfo, { dir: sample.dataDir, mode: 'seed' }))
  await within(WITHIN_MS, 'the seeder', seed.until('seeding'))
  await using session = await Session.open({
    port: 0,
    bind: HERE,
    encryption: 'off',
    // Slow enough that it can be changed half way.
    limits: { down: 12 * 2 ** 20 },
  })
  const dir = sample.dir('got')
  const peers = [{ host: HERE, port: seeder.port }]
  const task = session.add(sample.metainfo, { dir, mode: 'get', peers })
  const watch = new Watch(task)
  const path = join(dir, sample.metainfo.name)
  while (task.status.verifiedPieces < 4) await turns(1)
  assert.ok(task.status.verifiedPieces < sample.metainfo.pieceCount)
  change(path, task)
  const complete = await within(WITHIN_MS, 'complete', watch.until('complete'))
  const isRight = readFileSync(path).equals(readFileSync(join(sample.dataDir, sample.metainfo.name)))
  return { isRight, watch, complete }
}

const codes = ({ events }: Watch): string[] =>
  events.flatMap(event => (event.type === 'warning' ? [event.code] : []))

describe('a file that another program changes while it is downloaded', () => {
  for (const version of ['v1', 'hybrid'] as const) {
    it(`is right in the end where its beginning was overwritten, ${version}`, async () => {
      const { isRight, watch } = await downloadWith(path => {
        for (let at = 0; at < 24 * 2 ** 20; at += 2 ** 20) overwrite(path, at)
      }, version)
      assert.ok(isRight)
      assert.ok(!codes(watch).includes('bad-data'), codes(watch).join())
      assert.ok(codes(watch).includes('changed'))
    })
  }

  it('is right in the end where it was cut, and the honest peer is not banned', async () => {
    const { isRight, watch } = await downloadWith(path => truncateSync(path, 100))
    assert.ok(isRight)
    assert.ok(!codes(watch).includes('bad-data'), codes(watch).join())
  })

  it('says that it was all verified now', async () => {
    const { complete } = await downloadWith(() => {})
    assert.deepEqual(complete.verified, { type: 'now' })
  })
})

async function seedOnce(sample: SampleTorrent, options: Partial<AddOptions> = {}) {
  await using session = await openSession()
  const task = session.add(sample.metainfo, { dir: sample.dataDir, mode: 'seed', ...options })
  const { verified } = await within(WITHIN_MS, 'seeding', new Watch(task).until('seeding'))
  return { verified, checked: task.status.checkedPieces }
}

describe('a torrent that is seeded', () => {
  it('says what was read now, what is believed from when, and what was not looked at', async () => {
    await using sample = await SampleTorrent.make()
    const { pieceCount } = sample.metainfo
    const before = Date.now()
    assert.deepEqual(await seedOnce(sample), { verified: { type: 'now' }, checked: pieceCount })
    const { verified, checked } = await seedOnce(sample)
    assert.equal(checked, 0)
    assert.ok(verified.type === 'earlier')
    const { atMs = 0 } = verified
    assert.ok(atMs >= before && atMs <= Date.now())
    assert.deepEqual((await seedOnce(sample, { trustData: 'unread' })).verified, { type: 'never' })
    assert.deepEqual((await seedOnce(sample, { trustData: 'hashed' })).verified, { type: 'now' })
  })

  it('notices a change before it serves what was read after it: it warns, and peers get the rest', async () => {
    await using sample = await SampleTorrent.make({ version: 'v1', checksums: false })
    await using seeder = await openSession()
    const seed = new Watch(seeder.add(sample.metainfo, { dir: sample.dataDir, mode: 'seed' }))
    await within(WITHIN_MS, 'the seeder', seed.until('seeding'))
    overwrite(join(sample.dataDir, sample.metainfo.name), 0)
    await using session = await openSession()
    const peers = [{ host: HERE, port: seeder.port }]
    const task = session.add(sample.metainfo, { dir: sample.dir('got'), mode: 'get', peers })
    const watch = new Watch(task)
    const { message } = await within(WITHIN_MS, 'the warning', seed.until('warning'))
    assert.match(message, /another program changed .*content\.bin: 1 piece is wrong now, and offered no more/)
    while (task.status.verifiedPieces < sample.metainfo.pieceCount - 1) await turns(1)
    assert.equal(task.status.wasted, 0)
    assert.ok(!codes(watch).includes('bad-data'))
  })

  it('takes bytes behind the end as no fault', async () => {
    await using sample = await SampleTorrent.make()
    appendFileSync(join(sample.dataDir, sample.metainfo.name), 'more')
    assert.deepEqual((await seedOnce(sample)).verified, { type: 'now' })
  })
})

describe('a download that is complete', () => {
  it('is hashed again at the next start where a byte changed, though size and mtime are as before', async () => {
    await using sample = await SampleTorrent.make({ version: 'v1', checksums: false })
    const path = join(sample.dataDir, sample.metainfo.name)
    assert.equal((await seedOnce(sample)).checked, sample.metainfo.pieceCount)
    const bytes = readFileSync(path)
    bytes[9] = (bytes[9] ?? 0) ^ 1
    writeFileSync(path, bytes)
    await using session = await openSession()
    const task = session.add(sample.metainfo, { dir: sample.dataDir, mode: 'seed' })
    await assert.rejects(within(WITHIN_MS, 'the error', new Watch(task).until('seeding')), {
      code: 'incomplete',
    })
  })
})
