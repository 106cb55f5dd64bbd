// A torrent that is added by its info hash alone, as a magnet link names it: its metainfo comes from peers (BEP 9).

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { OptionError } from '../../../src/client/option-error.js'
import { Session, type SessionOptions } from '../../../src/client/session.js'
import { SessionError } from '../../../src/client/session-error.js'
import type { AddOptions } from '../../../src/client/task/task-host.js'
import { MetadataError, type UnresolvedTorrent } from '../../../src/client/task/unresolved-torrent.js'
import type { Metainfo } from '../../../src/protocol/metainfo/metainfo.js'
import { MetainfoError } from '../../../src/protocol/metainfo/metainfo-error.js'
import type { PeerAddress } from '../../../src/protocol/peer-address.js'
import { ScriptedFinders } from '../../discovery/scripted-finder.js'
import { within } from '../../support/deadline.js'
import { MetadataGiver } from '../support/metadata-giver.js'
import { SampleTorrent } from '../support/sample-torrent.js'
import { handles, turns, Watch } from '../support/watch.js'

const WITHIN_MS = 30_000

type Hashes = Pick<Metainfo, 'infoHashV1' | 'infoHashV2'>

async function openSession(options: SessionOptions = {}): Promise<Session> {
  // Scripted peers speak plainly.
  return await Session.open({ port: 0, bind: '127.0.0.1', encryption: 'off', ...options })
}

function unresolved({ infoHashV1, infoHashV2 }: Hashes): UnresolvedTorrent {
  return { infoHashV1, infoHashV2, name: 'a hint', trackers: [], webSeeds: [] }
}

function add(session: Session, sample: SampleTorrent, hashes: Hashes, options: Partial<AddOptions> = {}) {
  const task = session.add(unresolved(hashes), { dir: sample.dir('got'), mode: 'get', ...options })
  return { task, watch: new Watch(task) }
}

/** A session that seeds the sample, and its address. */
async function seed(sample: SampleTorrent): Promise<{ session: Session; address: PeerAddress }> {
  const session = await openSession()
  const task = session.add(sample.metainfo, { dir: sample.dataDir, mode: 'seed' })
  await within(WITHIN_MS, 'the seeder', new Watch(task).until('seeding'))
  return { session, address: { host: '127.0.0.1', port: session.port } }
}

async function failure(watch: Watch): Promise<unknown> {
  return await within(
    WITHIN_MS,
    'the error',
    watch.until('checking').then(
      () => assert.fail('it was checked'),
      (error: unknown) => error,
    ),
  )
}

function assertGot(sample: SampleTorrent, dir = 'got'): void {
  const content = (folder: string) => readFileSync(join(folder, sample.metainfo.name))
  assert.ok(content(sample.dir(dir)).equals(content(sample.dataDir)))
}

describe('a torrent without its metainfo', () => {
  for (const version of ['v1', 'v2', 'hybrid'] as const) {
    it(`gets it from a peer and is downloaded, ${version}`, async () => {
      await using sample = await SampleTorrent.make({ version, bytes: 3 * 2 ** 20 })
      const { metainfo } = sample
      const { session: seeder, address } = await seed(sample)
      await using _ = seeder
      await using session = await openSession()
      const { task, watch } = add(session, sample, metainfo, { peers: [address] })
      assert.deepEqual([task.status.state, task.status.total, task.metainfo], ['metadata', 0, undefined])
      assert.equal(task.identity.name, 'a hint')
      await within(WITHIN_MS, 'seeding', watch.until('seeding'))
      assert.deepEqual(watch.types, [
        'metadata',
        'resolved',
        'checking',
        'downloading',
        'complete',
        'seeding',
      ])
      assert.equal(task.identity.name, metainfo.name)
      assertGot(sample)
    })
  }

  for (const known of ['infoHashV1', 'infoHashV2'] as const) {
    it(`of a hybrid gets it by ${known} alone`, async () => {
      await using sample = await SampleTorrent.make({ version: 'hybrid' })
      const { session: seeder, address } = await seed(sample)
      await using _ = seeder
      await using session = await openSession()
      const hashes = { infoHashV1: undefined, infoHashV2: undefined, [known]: sample.metainfo[known] }
      const { task, watch } = add(session, sample, hashes, { peers: [address] })
      await within(WITHIN_MS, 'seeding', watch.until('seeding'))
      assert.deepEqual(task.metainfo?.infoHashV1, sample.metainfo.infoHashV1)
      assert.deepEqual(task.metainfo?.infoHashV2, sample.metainfo.infoHashV2)
      assertGot(sample)
    })
  }

  it('hands the peers that it has, and those that finders find meanwhile, on to the download', async () => {
    await using sample = await SampleTorrent.make()
    const { session: seeder, address } = await seed(sample)
    await using _ = seeder
    await using giver = await MetadataGiver.open(sample.metainfo)
    const finders = new ScriptedFinders('tracker', [giver.address, address])
    await using session = await openSession({ finders: [finders] })
    const { watch } = add(session, sample, sample.metainfo)
    await within(WITHIN_MS, 'seeding', watch.until('seeding'))
    // They are not started anew, which a tracker would hear.
    assert.deepEqual(finders.told, ['finderFor', 'start', 'resolved 2', 'completed'])
    assertGot(sample)
  })

  it('tells how far the metainfo has come', async () => {
    await using sample = await SampleTorrent.make({ pieceLength: 16_384, bytes: 16_384 * 2_000 })
    await using giver = await MetadataGiver.open(sample.metainfo, { isSilent: true })
    await using session = await openSession()
    const { task } = add(session, sample, sample.metainfo, { peers: [giver.address] })
    const peer = await giver.peer()
    await peer.until(() => peer.heardOf('extended').length > 1)
    const size = sample.metainfo.infoBytes.length
    assert.deepEqual(task.status.metadata, { got: 0, size, holders: 1, tooLarge: undefined })
    assert.equal(task.status.peers, 1)
  })

  it('is kept for the next session, which needs no peer for it', async () => {
    await using sample = await SampleTorrent.make()
    const { metainfo } = sample
    await using giver = await MetadataGiver.open(metainfo)
    {
      await using session = await openSession()
      const { watch } = add(session, sample, metainfo, { peers: [giver.address] })
      await within(WITHIN_MS, 'the check', watch.until('downloading'))
    }
    const before = giver.count
    assert.ok(before > 0)
    await using session = await openSession()
    const { task, watch } = add(session, sample, metainfo)
    await within(WITHIN_MS, 'the check', watch.until('downloading'))
    assert.equal(task.metainfo?.name, metainfo.name)
    assert.equal(giver.count, before)
  })

  for (const version of ['v2', 'hybrid'] as const) {
    it(`is kept with the piece layers that peers gave, ${version}`, async () => {
      await using sample = await SampleTorrent.make({ version })
      const { metainfo } = sample
      {
        const { session: seeder, address } = await seed(sample)
        await using _ = seeder
        await using session = await openSession()
        const { task, watch } = add(session, sample, metainfo, { peers: [address] })
        await within(WITHIN_MS, 'seeding', watch.until('seeding'))
        assert.equal(task.metainfo?.pieceLayers.size, 0)
      }
      // There is no peer to ask.
      await using session = await openSession()
      const { task, watch } = add(session, sample, metainfo, { dir: sample.dir('again') })
      await within(WITHIN_MS, 'the check', watch.until('downloading'))
      assert.deepEqual([...(task.metainfo?.pieceLayers ?? [])], [...metainfo.pieceLayers])
      assert.deepEqual(task.metainfo?.warnings, [])
    })
  }

  it('is fetched anew where what was kept is damaged', async () => {
    await using sample = await SampleTorrent.make()
    const { metainfo } = sample
    await using giver = await MetadataGiver.open(metainfo)
    for (const damage of [undefined, (bytes: Buffer) => bytes.subarray(0, -5), () => Buffer.alloc(0)]) {
      if (damage !== undefined) {
        const hash = Buffer.from(metainfo.infoHashV1 ?? []).toString('hex')
        const path = join(process.env.XDG_STATE_HOME ?? '', 'torrent', 'metadata', `${hash}.torrent`)
        writeFileSync(path, damage(readFileSync(path)))
      }
      const before = giver.count
      await using session = await openSession()
      const { watch } = add(session, sample, metainfo, { peers: [giver.address] })
      await within(WITHIN_MS, 'the check', watch.until('downloading'))
      assert.ok(giver.count > before)
    }
  })

  it('where it is private, ends the finders that a private torrent may not use (BEP 27)', async () => {
    await using sample = await SampleTorrent.make({ isPrivate: true })
    await using giver = await MetadataGiver.open(sample.metainfo)
    const dht = new ScriptedFinders('dht', [giver.address])
    const tracker = new ScriptedFinders('tracker')
    await using session = await openSession({ finders: [dht, tracker] })
    const { task, watch } = add(session, sample, sample.metainfo)
    await within(WITHIN_MS, 'the download', watch.until('downloading'))
    assert.deepEqual(dht.told, ['finderFor', 'start', 'stop'])
    assert.deepEqual(tracker.told, ['finderFor', 'start', 'resolved 2'])
    assert.deepEqual(
      task.finders.map(({ source, status }) => [source, status.type]),
      [
        ['dht', 'off'],
        ['tracker', 'searching'],
      ],
    )
  })

  it('is stopped while it waits for peers, and leaves nothing behind', async () => {
    await using sample = await SampleTorrent.make()
    const handlesBefore = handles()
    const session = await openSession()
    const { task, watch } = add(session, sample, sample.metainfo)
    await within(WITHIN_MS, 'the fetch', watch.until('metadata'))
    await within(WITHIN_MS, 'the end', task.remove())
    assert.deepEqual([watch.types, task.status.state], [['metadata'], 'stopped'])
    assert.equal(session.torrents.size, 0)
    await session.stop()
    await turns(5)
    assert.deepEqual(handles(), handlesBefore)
  })

  it('is removed once its metainfo is here, and has touched nothing of its content', async () => {
    await using sample = await SampleTorrent.make()
    await using giver = await MetadataGiver.open(sample.metainfo)
    await using session = await openSession()
    const { task, watch } = add(session, sample, sample.metainfo, { peers: [giver.address] })
    const removed = new Promise<void>(resolve =>
      task.onEvent(event => {
        if (event.type === 'resolved') resolve(task.remove())
      }),
    )
    await within(WITHIN_MS, 'the end', removed)
    assert.deepEqual([watch.types, task.status.state], [['metadata', 'resolved'], 'stopped'])
    assert.equal(existsSync(sample.dir('got')), false)
  })

  it('is stopped before it has begun, and no peer is asked', async () => {
    await using sample = await SampleTorrent.make()
    const finders = new ScriptedFinders('tracker')
    await using session = await openSession({ finders: [finders] })
    const { task, watch } = add(session, sample, sample.metainfo)
    await task.remove()
    await turns(5)
    assert.deepEqual([watch.types, finders.told.length], [[], 0])
  })

  it('drops a peer that gives what the info hash does not cover, and goes on with others', async () => {
    await using sample = await SampleTorrent.make()
    const { metainfo } = sample
    const wrong = metainfo.infoBytes.slice()
    wrong[wrong.length - 2]! ^= 1
    await using liar = await MetadataGiver.open({ ...metainfo, infoBytes: wrong })
    await using session = await openSession()
    const { watch, task } = add(session, sample, metainfo, { peers: [liar.address] })
    await (await liar.peer()).closed()
    assert.equal(task.status.state, 'metadata')
    await using giver = await MetadataGiver.open(metainfo)
    await task.remove()
    const second = add(session, sample, metainfo, { peers: [liar.address, giver.address] })
    await within(WITHIN_MS, 'the check', second.watch.until('downloading'))
    assert.deepEqual(watch.types, ['metadata'])
  })

  it('refuses an info dictionary of another version than its info hash', async () => {
    await using sample = await SampleTorrent.make({ version: 'v2' })
    await using session = await openSession()
    const infoHashV1 = createHash('sha1').update(sample.metainfo.infoBytes).digest()
    await using giver = await MetadataGiver.open({ ...sample.metainfo, infoHashV1 })
    const hashes = { infoHashV1, infoHashV2: undefined }
    const error = await failure(add(session, sample, hashes, { peers: [giver.address] }).watch)
    assert.ok(error instanceof MetadataError && error.code === 'mismatch')
  })

  it('refuses bytes that its info hash covers and that are no info dictionary', async () => {
    await using sample = await SampleTorrent.make()
    await using session = await openSession()
    const infoBytes = Buffer.from('d4:name1:ae')
    const infoHashV1 = createHash('sha1').update(infoBytes).digest()
    await using giver = await MetadataGiver.open({ ...sample.metainfo, infoHashV1, infoBytes })
    const hashes = { infoHashV1, infoHashV2: undefined }
    const { watch } = add(session, sample, hashes, { peers: [giver.address] })
    assert.ok((await failure(watch)) instanceof MetainfoError)
  })

  it('is found by each of its hashes once they are known, and by none after its end', async () => {
    await using sample = await SampleTorrent.make({ version: 'hybrid' })
    await using session = await openSession()
    const { infoHashV1, infoHashV2 } = sample.metainfo
    await using giver = await MetadataGiver.open(sample.metainfo)
    const addV2 = () => add(session, sample, { infoHashV1: undefined, infoHashV2 })
    const { task, watch } = add(
      session,
      sample,
      { infoHashV1, infoHashV2: undefined },
      { peers: [giver.address] },
    )
    await within(WITHIN_MS, 'downloading', watch.until('downloading'))
    assert.throws(addV2, SessionError)
    await task.remove()
    await addV2().task.remove()
  })

  it('is refused where its metainfo turns out to be that of another torrent of the session', async () => {
    await using sample = await SampleTorrent.make({ version: 'hybrid' })
    await using session = await openSession()
    const { infoHashV1, infoHashV2 } = sample.metainfo
    await using giver = await MetadataGiver.open(sample.metainfo)
    const second = add(session, sample, { infoHashV1: undefined, infoHashV2 })
    const first = add(session, sample, { infoHashV1, infoHashV2: undefined }, { peers: [giver.address] })
    const error = await failure(first.watch)
    assert.ok(error instanceof SessionError && error.code === 'duplicate')
    await first.task.remove()
    await second.task.remove()
    assert.equal(session.torrents.size, 0)
  })

  it('needs an info hash of the right length', async () => {
    await using sample = await SampleTorrent.make()
    await using session = await openSession()
    const twenty = new Uint8Array(20)
    for (const [infoHashV1, infoHashV2] of [
      [undefined, undefined],
      [twenty.subarray(1), undefined],
      [undefined, twenty],
    ])
      assert.throws(() => add(session, sample, { infoHashV1, infoHashV2 }), OptionError)
    assert.equal(session.torrents.size, 0)
  })
})
