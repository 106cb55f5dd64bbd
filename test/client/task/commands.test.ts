// What programs tell a torrent to do: pause, resume, recheck, and peers to connect to, from each of its states.

import assert from 'node:assert/strict'
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { OptionError } from '../../../src/client/option-error.js'
import { CommandError } from '../../../src/client/task/task-commands.js'
import type { TorrentTask } from '../../../src/client/task/torrent-task.js'
import type { PeerFinder } from '../../../src/discovery/finder.js'
import { within } from '../../support/deadline.js'
import { RawPeer } from '../support/raw-peer.js'
import { SampleTorrent } from '../support/sample-torrent.js'
import { add, openSession, seed, until } from '../support/sessions.js'
import { handles, turns, Watch } from '../support/watch.js'

const WITHIN_MS = 20_000

async function next(what: string, watch: Watch, type: string, count: number): Promise<void> {
  await until(what, () => watch.types.filter(told => told === type).length >= count)
}

function contentOf(sample: SampleTorrent, dir: string): Buffer {
  return readFileSync(join(dir, sample.metainfo.name))
}

const hasCode = (code: string) => (error: unknown) => error instanceof CommandError && error.code === code

describe('a torrent that is paused', () => {
  it('while it downloads: its connections end, its state is saved, and it goes on where it was', async () => {
    await using sample = await SampleTorrent.make({ bytes: 4 * 2 ** 20, pieceLength: 16_384 })
    await using seeder = await openSession()
    const { task: seeding, address } = await seed(seeder, sample, 2 ** 20)
    await using session = await openSession()
    const dir = sample.dir('got')
    const { task, watch } = add(session, sample, { dir, peers: [address] })
    await until('some pieces', () => task.status.verifiedPieces >= 16)
    assert.equal(await within(WITHIN_MS, 'the pause', task.pause()), 'done')
    const { state, peers, verifiedPieces, done, downloaded } = task.status
    assert.deepEqual([state, peers], ['paused', 0])
    assert.ok(verifiedPieces >= 16 && verifiedPieces < sample.metainfo.pieceCount)
    await until('the end at the other side', () => seeding.status.peers === 0)
    await turns(50)
    assert.equal(task.status.done, done)

    // What it has is saved and synced: another session would go on from there.
    await using other = await openSession()
    const { task: copy } = add(other, sample, { dir })
    await until('the claim of another session', () => copy.status.state !== 'checking')
    assert.equal(copy.status.verifiedPieces, verifiedPieces)
    await other.stop()

    assert.equal(await task.resume(), 'done')
    await within(WITHIN_MS, 'seeding', watch.until('seeding'))
    const expected = ['checking', 'downloading', 'paused', 'downloading', 'complete', 'seeding']
    assert.deepEqual(watch.types, expected)
    assert.ok(contentOf(sample, dir).equals(contentOf(sample, sample.dataDir)))
    assert.ok(task.status.downloaded > downloaded)
  })

  it('refuses handshakes, and takes them again once it is resumed', async () => {
    await using sample = await SampleTorrent.make({ version: 'v1' })
    await using session = await openSession()
    const { task, watch } = await seed(session, sample)
    const { pieceCount, infoHashV1 = assert.fail() } = sample.metainfo
    await using peer = await RawPeer.dial(session.port, pieceCount)
    peer.sayHandshake(infoHashV1)
    await peer.until(() => peer.theirs !== undefined)
    await within(WITHIN_MS, 'the pause', task.pause())
    await peer.closed()
    await using refused = await RawPeer.dial(session.port, pieceCount)
    refused.sayHandshake(infoHashV1)
    await refused.closed()
    assert.equal(refused.theirs, undefined)
    await task.resume()
    assert.deepEqual(watch.types, ['checking', 'seeding', 'paused', 'seeding'])
    await using taken = await RawPeer.dial(session.port, pieceCount)
    taken.sayHandshake(infoHashV1, {}, 'y')
    await taken.until(() => taken.theirs !== undefined)
  })

  it('tells its finders that it leaves, and looks for peers anew when it is resumed', async () => {
    await using sample = await SampleTorrent.make()
    const told: string[] = []
    const finder = (): PeerFinder => ({
      status: { type: 'searching' },
      start: () => void told.push('start'),
      stop: async () => void told.push('stop'),
    })
    await using session = await openSession({ finders: [{ source: 'dht', finderFor: finder }] })
    const { task } = await seed(session, sample)
    await task.pause()
    assert.deepEqual(told, ['start', 'stop'])
    await task.resume()
    assert.deepEqual(told, ['start', 'stop', 'start'])
    await task.remove()
    assert.deepEqual(told, ['start', 'stop', 'start', 'stop'])
  })

  it('while it is checked: it is checked from the beginning', async () => {
    await using sample = await SampleTorrent.make({ bytes: 16 * 2 ** 20, pieceLength: 16_384 })
    await using session = await openSession()
    const { task, watch } = add(session, sample, { dir: sample.dataDir, mode: 'seed' })
    await until('the check', () => task.status.checkedPieces > 0)
    assert.equal(await task.pause(), 'done')
    assert.deepEqual(watch.types, ['checking', 'paused'])
    assert.equal(await task.resume(), 'done')
    await within(WITHIN_MS, 'seeding', watch.until('seeding'))
    assert.deepEqual(watch.types, ['checking', 'paused', 'checking', 'seeding'])
    assert.equal(task.status.checkedPieces, sample.metainfo.pieceCount)
  })

  it('is not complete a second time, and does not count the pause as seeding', async () => {
    await using sample = await SampleTorrent.make()
    await using session = await openSession()
    const { task, watch } = add(session, sample, { dir: sample.dataDir })
    await within(WITHIN_MS, 'seeding', watch.until('seeding'))
    await task.pause()
    const { seedingSeconds } = task.status.history
    Object.defineProperty(session, 'now', { value: () => performance.now() + 60_000 })
    assert.equal(task.status.history.seedingSeconds, seedingSeconds)
    await task.resume()
    assert.deepEqual(watch.types, ['checking', 'complete', 'seeding', 'paused', 'seeding'])
  })

  it('keeps its paths, and lets go of them when it is removed', async () => {
    await using sample = await SampleTorrent.make()
    await using other = await SampleTorrent.make({ seed: 2 })
    await using session = await openSession()
    const dir = sample.dir('got')
    const { task, watch } = add(session, sample, { dir })
    await within(WITHIN_MS, 'the download', watch.until('downloading'))
    await task.pause()
    const { watch: second, task: refused } = add(session, other, { dir })
    await within(WITHIN_MS, 'the error', assert.rejects(second.until('downloading'), { code: 'path-taken' }))
    await refused.remove()
    await task.remove()
    assert.equal(task.status.state, 'stopped')
    const { watch: third } = add(session, other, { dir, truncate: true })
    await within(WITHIN_MS, 'the download', third.until('downloading'))
  })
})

describe('a torrent that is rechecked', () => {
  it('while it seeds: what is wrong is fetched again', async () => {
    await using sample = await SampleTorrent.make()
    await using seeder = await openSession()
    const { address } = await seed(seeder, sample)
    await using session = await openSession()
    const dir = sample.dir('got')
    const { task, watch } = add(session, sample, { dir, peers: [address] })
    await within(WITHIN_MS, 'seeding', watch.until('seeding'))
    const { downloaded } = task.status
    const path = join(dir, sample.metainfo.name)
    const bytes = readFileSync(path)
    bytes.fill(0, 0, 10)
    writeFileSync(path, bytes)
    assert.equal(await task.recheck(), 'done')
    await next('seeding again', watch, 'seeding', 2)
    const again = ['checking', 'downloading', 'complete', 'seeding']
    assert.deepEqual(watch.types, [...again, ...again])
    assert.equal(task.status.checkedPieces, sample.metainfo.pieceCount)
    assert.equal(task.status.downloaded, downloaded + sample.metainfo.pieceLength)
    assert.equal(task.status.history.downloaded, task.status.downloaded)
    assert.ok(readFileSync(path).equals(contentOf(sample, sample.dataDir)))
  })

  it('while it downloads: what another program brought is found', async () => {
    await using sample = await SampleTorrent.make()
    await using session = await openSession()
    const dir = sample.dir('got')
    const { task, watch } = add(session, sample, { dir })
    await within(WITHIN_MS, 'downloading', watch.until('downloading'))
    writeFileSync(join(dir, sample.metainfo.name), contentOf(sample, sample.dataDir))
    await task.recheck()
    await within(WITHIN_MS, 'seeding', watch.until('seeding'))
    assert.deepEqual(watch.types, ['checking', 'downloading', 'checking', 'complete', 'seeding'])
  })

  it('in the middle of a download: it goes on with the pieces that it has', async () => {
    await using sample = await SampleTorrent.make({ bytes: 4 * 2 ** 20, pieceLength: 65_536 })
    await using seeder = await openSession()
    const { address } = await seed(seeder, sample, 2 ** 20)
    await using session = await openSession()
    const dir = sample.dir('got')
    const { task, watch } = add(session, sample, { dir, peers: [address] })
    await until('some pieces', () => task.status.verifiedPieces >= 4)
    await task.recheck()
    await next('downloading again', watch, 'downloading', 2)
    assert.ok(task.status.verifiedPieces >= 4)
    await within(WITHIN_MS, 'seeding', watch.until('seeding'))
    assert.ok(contentOf(sample, dir).equals(contentOf(sample, sample.dataDir)))
  })

  it('while it is paused: it stays so, and knows what is there', async () => {
    await using sample = await SampleTorrent.make()
    await using session = await openSession()
    const { task, watch } = add(session, sample, { dir: sample.dataDir })
    await within(WITHIN_MS, 'seeding', watch.until('seeding'))
    await task.pause()
    truncateSync(join(sample.dataDir, sample.metainfo.name), 10 * 65_536)
    await task.recheck()
    await next('the pause', watch, 'paused', 2)
    assert.deepEqual(watch.types.slice(3), ['paused', 'checking', 'paused'])
    assert.deepEqual([task.status.state, task.status.verifiedPieces], ['paused', 10])
    await task.resume()
    assert.equal(watch.types.at(-1), 'downloading')
  })

  it('in `seed` without all of its content fails, as at the start', async () => {
    await using sample = await SampleTorrent.make()
    await using session = await openSession()
    const { task, watch } = await seed(session, sample)
    rmSync(join(sample.dataDir, sample.metainfo.name))
    await task.recheck()
    await until('the error', () => watch.types.includes('error'))
    assert.equal(task.status.state, 'error')
  })
})

describe('peers that are added', () => {
  it('are connected to at once', async () => {
    await using sample = await SampleTorrent.make()
    await using seeder = await openSession()
    const { address } = await seed(seeder, sample)
    await using session = await openSession()
    const { task, watch } = add(session, sample, { dir: sample.dir('got') })
    await within(WITHIN_MS, 'downloading', watch.until('downloading'))
    task.addPeers([address])
    await within(WITHIN_MS, 'complete', watch.until('complete'))
  })

  it('while it is paused are connected to when it is resumed', async () => {
    await using sample = await SampleTorrent.make()
    await using seeder = await openSession()
    const { task: seeding, address } = await seed(seeder, sample)
    await using session = await openSession()
    const { task, watch } = add(session, sample, { dir: sample.dir('got') })
    await within(WITHIN_MS, 'downloading', watch.until('downloading'))
    await task.pause()
    task.addPeers([address])
    await turns(20)
    assert.equal(seeding.status.peers, 0)
    await task.resume()
    await within(WITHIN_MS, 'complete', watch.until('complete'))
  })

  it('are refused where they are no addresses', async () => {
    await using sample = await SampleTorrent.make()
    await using session = await openSession()
    const { task } = add(session, sample, { dir: sample.dir('got') })
    assert.throws(() => task.addPeers([{ host: 'localhost', port: 1 }]), OptionError)
  })
})

describe('a command', () => {
  it('that changes nothing says so', async () => {
    await using sample = await SampleTorrent.make()
    await using session = await openSession()
    const { task, watch } = await seed(session, sample)
    assert.equal(await task.resume(), 'unchanged')
    assert.equal(await task.pause(), 'done')
    assert.equal(await task.pause(), 'unchanged')
    assert.deepEqual(watch.types, ['checking', 'seeding', 'paused'])
  })

  it('is carried out after those before it', async () => {
    await using sample = await SampleTorrent.make()
    await using session = await openSession()
    const { task, watch } = await seed(session, sample)
    const outcomes = await Promise.all([
      task.pause(),
      task.resume(),
      task.recheck(),
      task.pause(),
      task.resume(),
    ])
    assert.deepEqual(outcomes, ['done', 'done', 'done', 'done', 'done'])
    await until('seeding', () => task.status.state === 'seeding')
    const types = ['checking', 'seeding', 'paused', 'seeding', 'checking', 'paused', 'checking', 'seeding']
    assert.deepEqual(watch.types, types)
  })

  it('is refused by a torrent that was stopped or has failed', async () => {
    await using sample = await SampleTorrent.make()
    await using session = await openSession()
    const { task: stopped } = add(session, sample, { dir: sample.dataDir })
    await stopped.remove()
    const { task: failed, watch } = add(session, sample, { dir: sample.dir('nowhere'), mode: 'seed' })
    await until('the error', () => watch.types.includes('error'))
    for (const task of [stopped, failed]) {
      for (const command of ['pause', 'resume', 'recheck'] as const)
        await assert.rejects(task[command](), hasCode('ended'))
      assert.throws(() => task.addPeers([{ host: '127.0.0.1', port: 1 }]), hasCode('ended'))
    }
  })

  it('without the metainfo: pausing ends the fetch, resuming begins it anew, and there is nothing to check', async () => {
    await using sample = await SampleTorrent.make()
    await using seeder = await openSession()
    const { task: seeding, address } = await seed(seeder, sample)
    await using session = await openSession()
    const { infoHashV1, infoHashV2 } = sample.metainfo
    const torrent = { infoHashV1, infoHashV2, name: undefined, trackers: [], webSeeds: [] }
    const task = session.add(torrent, { dir: sample.dir('got'), mode: 'get' })
    const watch = new Watch(task)
    await within(WITHIN_MS, 'the fetch', watch.until('metadata'))
    await assert.rejects(task.recheck(), hasCode('no-metainfo'))
    assert.equal(await task.pause(), 'done')
    assert.equal(task.status.state, 'paused')
    task.addPeers([address])
    await turns(20)
    assert.equal(seeding.status.peers, 0)
    await task.resume()
    await within(WITHIN_MS, 'seeding', watch.until('seeding'))
    const expected = [
      'metadata',
      'paused',
      'metadata',
      'resolved',
      'checking',
      'downloading',
      'complete',
      'seeding',
    ]
    assert.deepEqual(watch.types, expected)
  })

  it('at any moment, stopped in its middle or not, leaves nothing behind', async () => {
    await using sample = await SampleTorrent.make({ bytes: 2 * 2 ** 20, pieceLength: 16_384 })
    const handlesBefore = handles()
    const seeder = await openSession()
    const { address } = await seed(seeder, sample)
    const commands: ((task: TorrentTask) => Promise<unknown>)[] = [
      task => task.pause(),
      task => task.pause().then(() => task.resume()),
      task => task.recheck(),
      task => Promise.all([task.recheck(), task.pause(), task.recheck(), task.resume()]),
    ]
    const dir = (moment: number) => sample.dir(`got ${moment}`)
    for (let moment = 0; moment < 24; moment++) {
      const session = await openSession()
      const { task, watch } = add(session, sample, { dir: dir(moment), peers: [address] })
      if (moment % 3 > 0) await within(WITHIN_MS, 'downloading', watch.until('downloading'))
      await turns(7 * moment)
      const commanded = commands[moment % commands.length]?.(task)
      const settled = commanded?.catch(error => assert.ok(hasCode('ended')(error), String(error)))
      if (moment < 12) {
        await within(WITHIN_MS, 'the command', settled ?? assert.fail())
        if (task.status.state === 'paused') await task.resume()
        await within(
          WITHIN_MS,
          'seeding',
          until('seeding', () => task.status.state === 'seeding'),
        )
        assert.ok(contentOf(sample, dir(moment)).equals(contentOf(sample, sample.dataDir)))
      } else await turns(moment)
      await within(WITHIN_MS, 'the end', session.stop())
      await settled
      assert.equal(task.status.state, 'stopped')
      assert.equal(session.pool.usage.receiveBytes, 0)
      assert.ok(!watch.types.includes('error'))
    }
    await seeder.stop()
    await turns(5)
    assert.deepEqual(handles(), handlesBefore)
  })
})
