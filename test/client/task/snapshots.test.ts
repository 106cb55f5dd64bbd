// What a program sees of a torrent's peers and files, in real sessions on this machine.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContentExchange, PeerSnapshot } from '../../../src/client/net/peer-snapshot.js'
import type { AddOptions } from '../../../src/client/task/task-host.js'
import type { TorrentTask } from '../../../src/client/task/torrent-task.js'
import { Selection } from '../../../src/engine/pick/selection.js'
import { within } from '../../support/deadline.js'
import { SampleTorrent } from '../support/sample-torrent.js'
import { add, openSession, seed, until } from '../support/sessions.js'

const HERE = '127.0.0.1'
const WITHIN_MS = 20_000
/** In v1 each shares a piece with the one before and the one behind. */
const FILES = [
  { path: 'a.bin', bytes: 300_000 },
  { path: 'b/c.bin', bytes: 250_001 },
  { path: 'b/empty', bytes: 0 },
  { path: 'd.bin', bytes: 400_000 },
]

function onlyPeer(task: TorrentTask): PeerSnapshot {
  const [peer, ...others] = task.peers()
  assert.ok(peer !== undefined && others.length === 0, 'one peer')
  return peer
}

function contentOf({ exchange }: PeerSnapshot): ContentExchange {
  assert.ok(exchange.type === 'content')
  return exchange
}

describe('the peers of a torrent', () => {
  const encryptions = [
    ['off', 'plain'],
    ['prefer', 'header-only'],
    ['require', 'rc4'],
  ] as const
  for (const [mode, encryption] of encryptions) {
    it(`are seen from both ends of a connection, with encryption ${mode}`, async () => {
      await using sample = await SampleTorrent.make({ bytes: 4 * 2 ** 20, pieceLength: 16_384 })
      await using seeder = await openSession({ encryption: mode })
      const { task: seeded, address } = await seed(seeder, sample, 2 ** 20)
      await using session = await openSession({ encryption: mode })
      const { task } = add(session, sample, { dir: sample.dir('got'), peers: [address] })
      await until('some pieces', () => task.status.verifiedPieces >= 16)

      const { exchange: _, client, ...seen } = onlyPeer(task)
      assert.deepEqual(seen, { address, direction: 'outgoing', transport: 'tcp', encryption, source: 'user' })
      assert.match(client ?? '', /^torrent\//)
      const down = contentOf(onlyPeer(task))
      assert.deepEqual([down.isSeeder, down.progress], [true, 1])
      assert.deepEqual([down.isOfInterestToUs, down.isInterestedInUs], [true, false])
      assert.deepEqual([down.isChokingUs, down.isSnubbingUs], [false, false])
      assert.ok(down.downloaded >= 16 * 16_384 && down.downRate > 0)
      assert.deepEqual([down.uploaded, down.upRate], [0, 0])

      const leecher = onlyPeer(seeded)
      assert.deepEqual(
        [leecher.direction, leecher.transport, leecher.encryption, leecher.source],
        ['incoming', 'tcp', encryption, 'incoming'],
      )
      const up = contentOf(leecher)
      assert.deepEqual([up.isOfInterestToUs, up.isInterestedInUs, up.isChokedByUs], [false, true, false])
      assert.ok(!up.isSeeder && up.progress < 1)
      assert.ok(up.uploaded >= down.downloaded && up.upRate > 0)
      assert.deepEqual([up.downloaded, up.downRate], [0, 0])

      await within(WITHIN_MS, 'the pause', task.pause())
      assert.deepEqual(task.peers(), [])
      await until('the end at the other side', () => seeded.peers().length === 0)
    })
  }

  it('are known before the metainfo is, of which there are no files yet', async () => {
    await using sample = await SampleTorrent.make({ version: 'v1' })
    const { infoHashV1 } = sample.metainfo
    const torrent = { infoHashV1, infoHashV2: undefined, name: 'a hint', trackers: [], webSeeds: [] }
    await using one = await openSession({ encryption: 'off' })
    const other = one.add(torrent, { dir: sample.dir('one'), mode: 'get' })
    await using session = await openSession({ encryption: 'off' })
    const peers = [{ host: HERE, port: one.port }]
    const task = session.add(torrent, { dir: sample.dir('two'), mode: 'get', peers })
    assert.deepEqual([task.peers(), task.files()], [[], { files: [], next: undefined }])
    await until('a connection', () => task.peers().length === 1 && other.peers().length === 1)
    for (const end of [task, other])
      assert.deepEqual(onlyPeer(end).exchange, { type: 'metadata', hasMetadata: false })
    assert.deepEqual(task.files().files, [])
    await task.remove()
    assert.deepEqual(task.peers(), [])
  })
})

describe('the files of a torrent', () => {
  const selection: AddOptions['selection'] = info =>
    Selection.of(info, (_, { path }) => (path.join('/') === 'd.bin' ? 0 : path[0] === 'a.bin' ? 7 : 4))

  for (const version of ['v1', 'v2', 'hybrid'] as const) {
    it(`are counted as they are verified, ${version}`, async () => {
      await using sample = await SampleTorrent.make({ version, files: FILES, pieceLength: 65_536 })
      await using seeder = await openSession({ encryption: 'off' })
      const { address } = await seed(seeder, sample)
      await using session = await openSession({ encryption: 'off' })
      const { task, watch } = add(session, sample, { dir: sample.dir('got'), selection, peers: [address] })
      await within(WITHIN_MS, 'the check', watch.until('checking'))
      assert.equal(task.status.state, 'checking')
      const facts = task.files().files.map(({ index: _, ...file }) => file)
      assert.deepEqual(facts, [
        { path: 'a.bin', length: 300_000, verified: undefined, isSelected: true, priority: 7 },
        { path: 'b/c.bin', length: 250_001, verified: undefined, isSelected: true, priority: 4 },
        { path: 'b/empty', length: 0, verified: undefined, isSelected: true, priority: 4 },
        { path: 'd.bin', length: 400_000, verified: undefined, isSelected: false, priority: 0 },
      ])
      await within(WITHIN_MS, 'seeding', watch.until('seeding'))
      // Of v1 the last piece of the second file holds the beginning of the fourth.
      const besides = version === 'v1' ? 9 * 65_536 - 550_001 : 0
      const verified = [300_000, 250_001, 0, besides]
      const counts = () => task.files().files.map(file => file.verified)
      assert.deepEqual(counts(), verified)
      await within(WITHIN_MS, 'the pause', task.pause())
      assert.deepEqual(counts(), verified)
      await task.remove()
      assert.deepEqual(counts(), verified)
    })
  }

  it('are all verified and of normal priority where everything is here and nothing was selected', async () => {
    await using sample = await SampleTorrent.make({ files: FILES })
    await using session = await openSession({ encryption: 'off' })
    const { task } = await seed(session, sample)
    for (const { length, verified, isSelected, priority } of task.files().files)
      assert.deepEqual([verified, isSelected, priority], [length, true, 4])
    assert.equal(task.files().files.length, FILES.length)
  })

  it('come in pages, whose entries other than files are left out', async () => {
    await using sample = await SampleTorrent.make({ files: FILES })
    await using session = await openSession({ encryption: 'off' })
    const { task } = await seed(session, sample)
    const { entries } = sample.metainfo
    const found: [index: number, path: string][] = []
    let pages = 0
    for (let offset: number | undefined = 0; offset !== undefined; pages++) {
      const { files, next } = task.files({ offset, limit: 2 })
      assert.ok(files.length <= 2)
      found.push(...files.map(({ index, path }) => [index, path] as [number, string]))
      offset = next
    }
    const expected = [...entries].flatMap((entry, index) =>
      entry.type === 'file' ? [[index, entry.path.join('/')]] : [],
    )
    assert.deepEqual(found, expected)
    assert.ok(entries.length > FILES.length, 'a hybrid has pads between its files')
    assert.equal(pages, Math.ceil(entries.length / 2))
    assert.deepEqual(task.files({ offset: entries.length }), { files: [], next: undefined })
    for (const range of [{ offset: -1 }, { offset: 0.5 }, { limit: 0 }, { limit: 10_001 }])
      assert.throws(() => task.files(range), { name: 'OptionError' })
  })
})
