// A torrent that is added by its info hash alone: its metainfo comes from a source, as a magnet link's does from peers (BEP 9).

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { CodedError } from '../../../src/base/errors.js'
import { OptionError } from '../../../src/client/option-error.js'
import { Session, SessionError } from '../../../src/client/session.js'
import {
  MetadataError,
  type MetadataSource,
  type TorrentIdentity,
  type UnresolvedTorrent,
} from '../../../src/client/task/metadata-source.js'
import type { Metainfo } from '../../../src/protocol/metainfo/metainfo.js'
import { MetainfoError } from '../../../src/protocol/metainfo/metainfo-error.js'
import { within } from '../../support/deadline.js'
import { SampleTorrent } from '../support/sample-torrent.js'
import { handles, turns, Watch } from '../support/watch.js'

const WITHIN_MS = 20_000

async function openSession(): Promise<Session> {
  return await Session.open({ port: 0, bind: '127.0.0.1' })
}

/** A source that answers when the test says so. */
class ScriptedSource implements MetadataSource {
  readonly asked: TorrentIdentity[] = []
  signal: AbortSignal | undefined
  give: (bytes: Uint8Array) => void = () => {}
  fail: (error: unknown) => void = () => {}
  readonly #answer = new Promise<Uint8Array>((resolve, reject) => {
    this.give = resolve
    this.fail = reject
  })

  constructor() {
    // It may fail before it is asked.
    this.#answer.catch(() => {})
  }

  fetchInfo(identity: TorrentIdentity, signal: AbortSignal): Promise<Uint8Array> {
    this.asked.push(identity)
    this.signal = signal
    return this.#answer
  }
}

function unresolved(
  { infoHashV1, infoHashV2 }: Pick<Metainfo, 'infoHashV1' | 'infoHashV2'>,
  metadata: MetadataSource,
): UnresolvedTorrent {
  return { infoHashV1, infoHashV2, name: 'a hint', metadata }
}

function add(session: Session, sample: SampleTorrent, hashes: Parameters<typeof unresolved>[0]) {
  const source = new ScriptedSource()
  const task = session.add(unresolved(hashes, source), { dir: sample.dir('got'), mode: 'get' })
  return { source, task, watch: new Watch(task) }
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

describe('a torrent without its metainfo', () => {
  for (const version of ['v1', 'v2', 'hybrid'] as const) {
    it(`is downloaded once it has come, ${version}`, async () => {
      await using sample = await SampleTorrent.make({ version })
      const { metainfo } = sample
      await using seeder = await openSession()
      const seeding = seeder.add(metainfo, { dir: sample.dataDir, mode: 'seed' })
      await within(WITHIN_MS, 'the seeder', new Watch(seeding).until('seeding'))
      await using session = await openSession()
      const source = new ScriptedSource()
      const task = session.add(unresolved(metainfo, source), {
        dir: sample.dir('got'),
        mode: 'get',
        peers: [{ host: '127.0.0.1', port: seeder.port }],
      })
      const watch = new Watch(task)
      await within(WITHIN_MS, 'the fetch', watch.until('metadata'))
      await turns(5)
      assert.deepEqual([task.status.state, task.status.total, task.metainfo], ['metadata', 0, undefined])
      assert.equal(task.identity.name, 'a hint')
      assert.deepEqual(watch.types, ['metadata'])
      source.give(metainfo.infoBytes)
      await within(WITHIN_MS, 'seeding', watch.until('seeding'))
      assert.deepEqual(watch.types, ['metadata', 'checking', 'downloading', 'complete', 'seeding'])
      assert.equal(task.identity.name, metainfo.name)
      const content = (dir: string) => readFileSync(join(dir, metainfo.name))
      assert.ok(content(sample.dir('got')).equals(content(sample.dataDir)))
      assert.equal(source.asked.length, 1)
    })
  }

  it('is stopped while it waits, whether the source heeds the signal or not, and leaves nothing behind', async () => {
    await using sample = await SampleTorrent.make()
    const handlesBefore = handles()
    for (const isHeeded of [false, true]) {
      const session = await openSession()
      const { task, source, watch } = add(session, sample, sample.metainfo)
      await within(WITHIN_MS, 'the fetch', watch.until('metadata'))
      if (isHeeded) source.signal?.addEventListener('abort', () => source.fail(new Error('left')))
      await within(WITHIN_MS, 'the end', task.remove())
      assert.equal(source.signal?.aborted, true)
      // Too late.
      source.give(sample.metainfo.infoBytes)
      await turns(5)
      assert.deepEqual([watch.types, task.status.state], [['metadata'], 'stopped'])
      assert.equal(session.torrents.size, 0)
      await session.stop()
    }
    await turns(5)
    assert.deepEqual(handles(), handlesBefore)
  })

  it('is stopped before it has begun, and nothing is fetched', async () => {
    await using sample = await SampleTorrent.make()
    await using session = await openSession()
    const { task, source, watch } = add(session, sample, sample.metainfo)
    await task.remove()
    await turns(5)
    assert.deepEqual([watch.types, source.asked.length], [[], 0])
  })

  it('refuses bytes that its info hash does not cover, by either hash', async () => {
    await using sample = await SampleTorrent.make({ version: 'hybrid' })
    await using session = await openSession()
    const { infoHashV1, infoHashV2, infoBytes } = sample.metainfo
    const wrong = infoBytes.slice()
    wrong[wrong.length - 2]! ^= 1
    const other = new Uint8Array(32)
    const cases: readonly [hashes: Parameters<typeof unresolved>[0], bytes: Uint8Array][] = [
      [{ infoHashV1, infoHashV2: undefined }, wrong],
      [{ infoHashV1: undefined, infoHashV2 }, wrong],
      [{ infoHashV1, infoHashV2: other }, infoBytes],
      [{ infoHashV1: other.subarray(0, 20), infoHashV2 }, infoBytes],
      [{ infoHashV1, infoHashV2 }, new Uint8Array(0)],
    ]
    for (const [hashes, bytes] of cases) {
      const { task, source, watch } = add(session, sample, hashes)
      source.give(bytes)
      const error = await failure(watch)
      assert.ok(error instanceof MetadataError && error.code === 'mismatch')
      assert.deepEqual([watch.types, task.status.state], [['metadata', 'error'], 'error'])
      assert.equal(task.metainfo, undefined)
      await task.remove()
    }
  })

  it('refuses an info dictionary of another version than its info hash', async () => {
    await using sample = await SampleTorrent.make({ version: 'v2' })
    await using session = await openSession()
    const infoHashV1 = createHash('sha1').update(sample.metainfo.infoBytes).digest()
    const { source, watch } = add(session, sample, { infoHashV1, infoHashV2: undefined })
    source.give(sample.metainfo.infoBytes)
    const error = await failure(watch)
    assert.ok(error instanceof MetadataError && error.code === 'mismatch')
  })

  it('refuses bytes that its info hash covers and that are no info dictionary', async () => {
    await using sample = await SampleTorrent.make()
    await using session = await openSession()
    const bytes = Buffer.from('d4:name1:ae')
    const infoHashV1 = createHash('sha1').update(bytes).digest()
    const { source, watch } = add(session, sample, { infoHashV1, infoHashV2: undefined })
    source.give(bytes)
    assert.ok((await failure(watch)) instanceof MetainfoError)
  })

  it('fails as its source does, with the cause', async () => {
    await using sample = await SampleTorrent.make()
    await using session = await openSession()
    const cause = new Error('no peer has it')
    const { task, source, watch } = add(session, sample, sample.metainfo)
    source.fail(cause)
    const error = await failure(watch)
    assert.ok(error instanceof MetadataError && error.code === 'unavailable' && error.cause === cause)
    assert.match(error.message, /^a hint: .*no peer has it$/)
    await task.remove()
    const coded = new CodedError('timeout', 'late', {})
    const { source: second, watch: secondWatch } = add(session, sample, sample.metainfo)
    second.fail(coded)
    assert.equal(await failure(secondWatch), coded)
  })

  it('is found by each of its hashes once they are known, and by none after its end', async () => {
    await using sample = await SampleTorrent.make({ version: 'hybrid' })
    await using session = await openSession()
    const { infoHashV1, infoHashV2, infoBytes } = sample.metainfo
    const addV2 = () => add(session, sample, { infoHashV1: undefined, infoHashV2 })
    const { task, source, watch } = add(session, sample, { infoHashV1, infoHashV2: undefined })
    source.give(infoBytes)
    await within(WITHIN_MS, 'downloading', watch.until('downloading'))
    assert.throws(addV2, SessionError)
    await task.remove()
    await addV2().task.remove()
  })

  it('is refused where its metainfo turns out to be that of another torrent of the session', async () => {
    await using sample = await SampleTorrent.make({ version: 'hybrid' })
    await using session = await openSession()
    const { infoHashV1, infoHashV2, infoBytes } = sample.metainfo
    const first = add(session, sample, { infoHashV1, infoHashV2: undefined })
    const second = add(session, sample, { infoHashV1: undefined, infoHashV2 })
    first.source.give(infoBytes)
    const error = await failure(first.watch)
    assert.ok(error instanceof SessionError && error.code === 'duplicate')
    await first.task.remove()
    second.source.give(infoBytes)
    await within(WITHIN_MS, 'downloading', second.watch.until('downloading'))
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
