import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Session } from '../../../src/client/session.js'
import type { TorrentTask } from '../../../src/client/task/torrent-task.js'
import { TrackerServer } from '../../../src/tracker/tracker-server.js'
import { ScriptedFinders } from '../../discovery/scripted-finder.js'
import { within } from '../../support/deadline.js'
import { RawListener } from '../support/raw-peer.js'
import { SampleTorrent } from '../support/sample-torrent.js'
import { Watch } from '../support/watch.js'

const HERE = '127.0.0.1'
const WITHIN_MS = 20_000
const SOURCES = ['tracker', 'user', 'lsd', 'dht', 'pex'] as const
type Source = (typeof SOURCES)[number]

/** A leecher that has one peer of each source: of a tracker, of the user, and of finders that a test made. */
class Leecher implements AsyncDisposable {
  readonly task: TorrentTask
  readonly kinds: readonly ScriptedFinders[]
  readonly #listeners: Readonly<Record<Source, RawListener>>
  readonly #opened: readonly AsyncDisposable[]

  private constructor(
    task: TorrentTask,
    kinds: readonly ScriptedFinders[],
    listeners: Readonly<Record<Source, RawListener>>,
    opened: readonly AsyncDisposable[],
  ) {
    this.task = task
    this.kinds = kinds
    this.#listeners = listeners
    this.#opened = opened
  }

  static async start(isPrivate: boolean): Promise<Leecher> {
    const sample = await SampleTorrent.make({ version: 'v1', isPrivate })
    const { pieceCount, infoHashV1 = new Uint8Array(20) } = sample.metainfo
    const listen = () => RawListener.open(pieceCount)
    const listeners = {
      tracker: await listen(),
      user: await listen(),
      lsd: await listen(),
      dht: await listen(),
      pex: await listen(),
    }
    const tracker = await TrackerServer.listen({ port: 0, bind: HERE })
    await announce(tracker, infoHashV1, listeners.tracker.port)
    const kinds = (['lsd', 'dht', 'pex'] as const).map(
      source => new ScriptedFinders(source, [listeners[source].address]),
    )
    const session = await Session.open({ port: 0, bind: HERE, encryption: 'off', finders: kinds })
    const task = session.add(sample.metainfo, {
      dir: sample.dir('copy'),
      mode: 'get',
      trackers: [[tracker.url]],
      peers: [listeners.user.address],
    })
    await within(WITHIN_MS, 'the start of the download', new Watch(task).until('downloading'))
    return new Leecher(task, kinds, listeners, [session, tracker, ...Object.values(listeners), sample])
  }

  /** Waits until the peer of each of these sources is connected to. */
  async connects(sources: readonly Source[]): Promise<void> {
    for (const source of sources)
      await within(WITHIN_MS, `a connection to a peer of ${source}`, this.#listeners[source].peer())
  }

  /** The sources of the peers that were connected to. */
  get connected(): Source[] {
    return SOURCES.filter(source => this.#listeners[source].peers.length > 0)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const opened of this.#opened) await opened[Symbol.asyncDispose]()
  }
}

/** Tells a tracker of a seeder on this machine. */
async function announce({ url }: TrackerServer, infoHash: Uint8Array, port: number): Promise<void> {
  const escaped = [...infoHash].map(byte => `%${byte.toString(16).padStart(2, '0')}`).join('')
  const response = await fetch(`${url}?info_hash=${escaped}&peer_id=${'x'.repeat(20)}&port=${port}&left=0`)
  await response.arrayBuffer()
}

it('peers of every finder are connected to, beside those of trackers and of the user', async () => {
  await using leecher = await Leecher.start(false)
  await leecher.connects(SOURCES)
  assert.deepEqual(
    leecher.task.finders.map(({ source, status }) => [source, status.type]),
    [
      ['tracker', 'trackers'],
      ['lsd', 'searching'],
      ['dht', 'searching'],
      ['pex', 'searching'],
    ],
  )
  await leecher.task.remove()
  for (const { told } of leecher.kinds) assert.deepEqual(told, ['finderFor', 'start', 'stop'])
})

it('a private torrent has peers of its trackers and of the user, and no other finder hears of it (BEP 27)', async () => {
  await using leecher = await Leecher.start(true)
  await leecher.connects(['tracker', 'user'])
  await leecher.task.remove()
  assert.deepEqual(leecher.connected, ['tracker', 'user'])
  for (const { told } of leecher.kinds) assert.deepEqual(told, [])
  assert.deepEqual(
    leecher.task.finders.slice(1).map(({ source, status }) => [source, status]),
    leecher.kinds.map(({ source }) => [source, { type: 'off', reason: 'private' }]),
  )
})
