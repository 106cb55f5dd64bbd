// The life of torrents in real sessions on this machine: download, go on, fail, stop at any moment.

import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { SessionError } from '../../src/client/session-error.js'
import { within } from '../support/deadline.js'
import { SampleTorrent } from './support/sample-torrent.js'
import { add, openSession, seed } from './support/sessions.js'
import { handles, turns } from './support/watch.js'

const WITHIN_MS = 20_000

function assertSameContent(sample: SampleTorrent, dir: string): void {
  const path = (folder: string) => join(folder, sample.metainfo.name)
  assert.ok(readFileSync(path(dir)).equals(readFileSync(path(sample.dataDir))))
}

for (const version of ['v1', 'v2', 'hybrid'] as const) {
  describe(`a torrent in a session, ${version}`, () => {
    let sample: SampleTorrent
    let handlesBefore: string[]

    before(async () => {
      sample = await SampleTorrent.make({ version })
      await turns(5)
      handlesBefore = handles()
    })
    after(() => sample[Symbol.asyncDispose]())

    it('is downloaded, verified and seeded', async () => {
      await using seeder = await openSession()
      const { address } = await seed(seeder, sample)
      await using session = await openSession()
      const { task, watch } = add(session, sample, { dir: sample.dir('got'), peers: [address] })
      const complete = await within(WITHIN_MS, 'complete', watch.until('complete'))
      await within(WITHIN_MS, 'seeding', watch.until('seeding'))
      assert.deepEqual(watch.types, ['checking', 'downloading', 'complete', 'seeding'])
      assert.equal(complete.path, join(sample.dir('got'), sample.metainfo.name))
      assert.equal(complete.sha256?.length, 32)
      const { state, done, total, downloaded, wasted } = task.status
      assert.deepEqual([state, done, downloaded - wasted], ['seeding', total, total])
      assertSameContent(sample, sample.dir('got'))
    })

    it('is believed without a look the second time', async () => {
      await using session = await openSession()
      const { task, watch } = add(session, sample, { dir: sample.dir('got') })
      await within(WITHIN_MS, 'seeding', watch.until('seeding'))
      assert.equal(task.status.checkedPieces, 0)
    })

    it('leaves nothing behind when the session has stopped', async () => {
      await turns(5)
      assert.deepEqual(handles(), handlesBefore)
    })
  })
}

describe('a torrent that is stopped', () => {
  it('says nothing where it had not begun', async () => {
    await using sample = await SampleTorrent.make()
    await using session = await openSession()
    const { task, watch } = add(session, sample, { dir: sample.dir('got') })
    await task.remove()
    await turns(5)
    assert.deepEqual(watch.types, [])
    assert.equal(task.status.state, 'stopped')
    assert.equal(session.torrents.size, 0)
  })

  it('at any moment: stops, says no more, and leaves nothing behind', async () => {
    await using sample = await SampleTorrent.make({ bytes: 4 * 2 ** 20, pieceLength: 16_384 })
    const handlesBefore = handles()
    const seen = new Set<string>()
    const seeder = await openSession()
    const { address } = await seed(seeder, sample)
    for (let moment = 0; moment < 24; moment++) {
      await using session = await openSession()
      const { task, watch } = add(session, sample, { dir: sample.dir(`got ${moment}`), peers: [address] })
      if (moment % 4 > 0) await within(WITHIN_MS, 'downloading', watch.until('downloading'))
      while (moment % 4 === 3 && task.status.state === 'downloading') await turns(1)
      await turns(moment % 4 === 2 ? 20 * moment : 2 * moment)
      seen.add(task.status.state)
      await within(WITHIN_MS, 'the end', moment % 8 < 4 ? session.stop() : task.remove())
      const told = watch.events.length
      assert.equal(task.status.state, 'stopped')
      assert.equal(session.pool.usage.receiveBytes, 0)
      await session.stop()
      assert.equal(watch.events.length, told)
      assert.ok(!watch.types.includes('error'))
    }
    for (const state of ['checking', 'downloading', 'verifying']) assert.ok(seen.has(state), state)
    await seeder.stop()
    await turns(5)
    assert.deepEqual(handles(), handlesBefore)
  })

  it('goes on where it was, without a look at what it had', async () => {
    await using sample = await SampleTorrent.make({ bytes: 16 * 2 ** 20, pieceLength: 16_384 })
    await using seeder = await openSession()
    const { address } = await seed(seeder, sample)
    const dir = sample.dir('got')
    await using session = await openSession()
    const { task } = add(session, sample, { dir, peers: [address] })
    while (task.status.verifiedPieces < 100) await turns(1)
    await session.stop()
    const { verifiedPieces, state } = task.status
    assert.equal(state, 'stopped')
    assert.ok(verifiedPieces < sample.metainfo.pieceCount)

    await using again = await openSession()
    const { task: second, watch } = add(again, sample, { dir, peers: [address] })
    await within(WITHIN_MS, 'downloading', watch.until('downloading'))
    assert.equal(second.status.checkedPieces, 0)
    assert.ok(second.status.verifiedPieces >= verifiedPieces)
    await within(WITHIN_MS, 'complete', watch.until('complete'))
    assert.ok(second.status.downloaded <= (sample.metainfo.pieceCount - verifiedPieces) * 16_384)
    assertSameContent(sample, dir)
  })
})

describe('a torrent that fails', () => {
  it('says why at the start, once, and can be removed', async () => {
    await using sample = await SampleTorrent.make()
    await using session = await openSession()
    writeFileSync(sample.dir('no folder'), '')
    const { task, watch } = add(session, sample, { dir: sample.dir('no folder') })
    await within(WITHIN_MS, 'the error', assert.rejects(watch.until('downloading')))
    assert.deepEqual(watch.types, ['checking', 'error'])
    await task.remove()
    assert.deepEqual([watch.events.length, task.status.state], [2, 'error'])
  })

  it('as a seed without its data', async () => {
    await using sample = await SampleTorrent.make()
    await using session = await openSession()
    const { watch } = add(session, sample, { dir: sample.dir('nowhere'), mode: 'seed' })
    await within(WITHIN_MS, 'the error', assert.rejects(watch.until('seeding'), { code: 'not-found' }))
  })

  it('leaves the others of its session alone', async () => {
    await using sample = await SampleTorrent.make()
    await using other = await SampleTorrent.make({ seed: 2 })
    await using seeder = await openSession()
    const { address } = await seed(seeder, other)
    await using session = await openSession()
    const { watch: failing } = add(session, sample, { dir: sample.dir('nowhere'), mode: 'seed' })
    const { watch } = add(session, other, { dir: other.dir('got'), peers: [address] })
    await within(WITHIN_MS, 'the error', assert.rejects(failing.until('seeding')))
    await within(WITHIN_MS, 'complete', watch.until('complete'))
  })

  it('in the middle, where its file turns into a folder: once, with nothing left behind', async () => {
    await using sample = await SampleTorrent.make({ bytes: 8 * 2 ** 20, pieceLength: 16_384 })
    const handlesBefore = handles()
    {
      await using session = await openSession()
      const { task, watch } = add(session, sample, { dir: sample.dir('got') })
      await within(WITHIN_MS, 'downloading', watch.until('downloading'))
      const path = join(sample.dir('got'), sample.metainfo.name)
      rmSync(path, { force: true })
      mkdirSync(path)
      await using seeder = await openSession()
      const peers = [{ host: '127.0.0.1', port: session.port }]
      add(seeder, sample, { dir: sample.dataDir, mode: 'seed', peers })
      await within(WITHIN_MS, 'the error', assert.rejects(watch.until('complete'), { code: 'not-a-file' }))
      await session.stop()
      assert.deepEqual([watch.types.filter(type => type === 'error').length, task.status.state], [1, 'error'])
    }
    await turns(5)
    assert.deepEqual(handles(), handlesBefore)
  })
})

describe('a session', () => {
  it('tells all that happens to its torrents in one stream', async () => {
    await using sample = await SampleTorrent.make()
    await using other = await SampleTorrent.make({ seed: 2 })
    await using session = await openSession()
    const told: [torrent: unknown, type: string][] = []
    session.onEvent(event =>
      told.push([event.torrent, event.type === 'torrent' ? event.event.type : event.type]),
    )
    const { task, watch } = add(session, sample, { dir: sample.dataDir, mode: 'seed' })
    await within(WITHIN_MS, 'seeding', watch.until('seeding'))
    const { task: failing, watch: failed } = add(session, other, { dir: other.dir('nowhere'), mode: 'seed' })
    await within(WITHIN_MS, 'the error', assert.rejects(failed.until('seeding')))
    await task.pause()
    await session.stop()
    const typesOf = (torrent: unknown) => told.filter(([of]) => of === torrent).map(([, type]) => type)
    assert.deepEqual(typesOf(task), ['added', 'checking', 'seeding', 'paused', 'removed'])
    assert.deepEqual(typesOf(failing), ['added', 'checking', 'error', 'removed'])
    assert.equal(told.length, 9)
  })

  it('takes no torrent twice, and none once it has stopped', async () => {
    await using sample = await SampleTorrent.make()
    await using session = await openSession()
    const { task } = add(session, sample, { dir: sample.dir('one') })
    const isError = (code: string) => (error: unknown) => error instanceof SessionError && error.code === code
    assert.throws(() => add(session, sample, { dir: sample.dir('two') }), isError('duplicate'))
    await task.remove()
    const { task: second } = add(session, sample, { dir: sample.dir('two') })
    await session.stop()
    assert.equal(second.status.state, 'stopped')
    assert.throws(() => add(session, sample, { dir: sample.dir('three') }), isError('stopped'))
  })

  it('stops once, however often it is told to', async () => {
    await using sample = await SampleTorrent.make()
    await using session = await openSession()
    const { task } = add(session, sample, { dir: sample.dataDir, mode: 'seed' })
    await Promise.all([session.stop(), task.remove(), session.stop(), task.remove()])
    await session.stop()
  })
})
