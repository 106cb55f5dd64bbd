// Torrents of one session: none takes what the others need.

import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Session } from '../../src/client/session.js'
import { BLOCK_LENGTH } from '../../src/protocol/metainfo/metainfo.js'
import { within } from '../support/deadline.js'
import { RawPeer } from './support/raw-peer.js'
import { SampleTorrent } from './support/sample-torrent.js'
import { turns, Watch } from './support/watch.js'

const WITHIN_MS = 20_000

async function open(maxPeers?: number): Promise<Session> {
  return await Session.open({ port: 0, bind: '127.0.0.1', maxPeers })
}

/** Raw peers of a session, which end together. */
class Crowd implements AsyncDisposable {
  readonly #peers: RawPeer[] = []

  async join({ port }: Session, { metainfo }: SampleTorrent): Promise<RawPeer> {
    const peer = await RawPeer.dial(port, metainfo.pieceCount)
    this.#peers.push(peer)
    const id = String.fromCharCode(this.#peers.length)
    peer.sayHandshake(metainfo.infoHashV1 ?? new Uint8Array(20), {}, id)
    return peer
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#peers.map(peer => peer[Symbol.asyncDispose]()))
  }
}

async function seed(session: Session, sample: SampleTorrent): Promise<void> {
  const task = session.add(sample.metainfo, { dir: sample.dataDir, mode: 'seed' })
  await within(WITHIN_MS, 'the seeder', new Watch(task).until('seeding'))
}

it('a torrent that many want leaves places to the others', async () => {
  await using popular = await SampleTorrent.make({ version: 'v1' })
  await using other = await SampleTorrent.make({ version: 'v1', seed: 2 })
  await using session = await open(8)
  await seed(session, popular)
  await seed(session, other)
  await using crowd = new Crowd()
  const isLetIn = (peer: RawPeer) =>
    within(
      WITHIN_MS,
      'a place',
      peer.until(() => peer.theirs !== undefined),
    )
  for (let place = 0; place < 6; place++) await isLetIn(await crowd.join(session, popular))
  await within(WITHIN_MS, 'the end of one too many', (await crowd.join(session, popular)).closed())
  await isLetIn(await crowd.join(session, other))
})

it('a torrent whose peers stand still in the middle of blocks does not hold up the others', async () => {
  const pieceLength = 2 ** 18
  await using stalled = await SampleTorrent.make({ version: 'v1', bytes: 160 * pieceLength, pieceLength })
  await using other = await SampleTorrent.make({
    version: 'v1',
    bytes: 8 * pieceLength,
    pieceLength,
    seed: 2,
  })
  await using session = await open()
  await using crowd = new Crowd()
  const standing = session.add(stalled.metainfo, { dir: stalled.dir('got'), mode: 'get' })
  await within(WITHIN_MS, 'downloading', new Watch(standing).until('downloading'))
  for (let i = 0; i < 140; i++) {
    const peer = await crowd.join(session, stalled)
    peer.say.haveAll()
    peer.say.unchoke()
    await within(
      WITHIN_MS,
      'a request',
      peer.until(() => peer.heardOf('request').length > 0),
    )
    const [, piece, offset] = peer.heardOf('request')[0] ?? []
    peer.sayBlockHeader(Number(piece), Number(offset), BLOCK_LENGTH)
    peer.sayBytes(new Uint8Array(BLOCK_LENGTH / 2))
  }
  const all = session.pool.receiveMemory.length
  for (let turn = 0; turn < 1_000 && session.pool.usage.receiveBytes < all; turn++) await turns(1)
  assert.equal(session.pool.usage.receiveBytes, all)

  await using seeder = await open()
  await seed(seeder, other)
  const task = session.add(other.metainfo, {
    dir: other.dir('got'),
    mode: 'get',
    peers: [{ host: '127.0.0.1', port: seeder.port }],
  })
  await within(WITHIN_MS, 'complete', new Watch(task).until('complete'))
})
