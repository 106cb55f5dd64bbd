// Peers of few manners against a real session, over sockets of this machine.

import assert from 'node:assert/strict'
import { it } from 'node:test'
import { SeededRandom } from '../../../src/base/random.js'
import { Session } from '../../../src/client/session.js'
import { BLOCK_LENGTH } from '../../../src/protocol/metainfo/metainfo.js'
import { within } from '../../support/deadline.js'
import { RawListener, RawPeer } from '../support/raw-peer.js'
import { SampleTorrent } from '../support/sample-torrent.js'
import { turns, Watch } from '../support/watch.js'

const WITHIN_MS = 20_000
const HERE = '127.0.0.1'

async function openSession(maxPeers?: number): Promise<Session> {
  return await Session.open({ port: 0, bind: HERE, maxPeers, encryption: 'off' })
}

async function openSeeder(sample: SampleTorrent, ...ports: number[]): Promise<Session> {
  const session = await openSession()
  const peers = ports.map(port => ({ host: HERE, port }))
  const watch = new Watch(session.add(sample.metainfo, { dir: sample.dataDir, mode: 'seed', peers }))
  await within(WITHIN_MS, 'the seeder', watch.until('seeding'))
  return session
}

function infoHashOf({ metainfo }: SampleTorrent): Uint8Array {
  return metainfo.infoHashV1 ?? new Uint8Array(20)
}

/** A seed that takes requests, as the session sees it. */
async function beSeed(listener: RawListener, sample: SampleTorrent): Promise<RawPeer> {
  const peer = await within(WITHIN_MS, 'a connection', listener.peer())
  peer.sayHandshake(infoHashOf(sample))
  peer.say.haveAll()
  peer.say.unchoke()
  await within(
    WITHIN_MS,
    'requests',
    peer.until(() => peer.heardOf('request').length > 1),
  )
  return peer
}

it('a peer that stops in the middle of a block delays no other', async () => {
  await using sample = await SampleTorrent.make({ version: 'v1' })
  await using listener = await RawListener.open(sample.metainfo.pieceCount)
  await using session = await openSession()
  const task = session.add(sample.metainfo, {
    dir: sample.dir('got'),
    mode: 'get',
    peers: [listener.address],
  })
  const watch = new Watch(task)
  const peer = await beSeed(listener, sample)
  const [, piece, offset] = peer.heardOf('request')[0] ?? []
  peer.sayBlockHeader(Number(piece), Number(offset), BLOCK_LENGTH)
  peer.sayBytes(new Uint8Array(BLOCK_LENGTH / 2))
  await using _seeder = await openSeeder(sample, session.port)
  await within(WITHIN_MS, 'complete', watch.until('complete'))
  // What the seed sent in vain is little.
  assert.ok(task.status.wasted < sample.metainfo.size / 2, `${task.status.wasted} bytes wasted`)
})

it('a peer that sends blocks that were not requested is dropped, and the download goes on', async () => {
  await using sample = await SampleTorrent.make({ version: 'v1' })
  await using listener = await RawListener.open(sample.metainfo.pieceCount)
  await using session = await openSession()
  const peers = [listener.address]
  const watch = new Watch(session.add(sample.metainfo, { dir: sample.dir('got'), mode: 'get', peers }))
  const peer = await beSeed(listener, sample)
  const asked = new Set(peer.heardOf('request').map(([, piece]) => piece))
  const other = [...Array(sample.metainfo.pieceCount).keys()].find(piece => !asked.has(piece)) ?? 0
  peer.sayBlock(other, 0, new Uint8Array(BLOCK_LENGTH))
  await within(WITHIN_MS, 'the end of the connection', peer.closed())
  await using _seeder = await openSeeder(sample, session.port)
  await within(WITHIN_MS, 'complete', watch.until('complete'))
})

it('a peer that requests much, reads nothing and leaves does not leak memory', async () => {
  await using sample = await SampleTorrent.make({ version: 'v1', bytes: 16 * 2 ** 20, pieceLength: 2 ** 20 })
  await using session = await openSeeder(sample)
  const [task] = session.torrents
  await using peer = await RawPeer.dial(session.port, sample.metainfo.pieceCount)
  peer.sayHandshake(infoHashOf(sample))
  peer.say.haveNone()
  peer.say.interested()
  await within(
    WITHIN_MS,
    'unchoke',
    peer.until(() => peer.heardOf('unchoke').length > 0),
  )
  peer.socket.pause()
  for (let block = 0; block < 1_000; block++) {
    peer.say.request(Math.floor(block / 64), (block % 64) * BLOCK_LENGTH, BLOCK_LENGTH)
  }
  while ((task?.status.uploaded ?? 0) === 0) await turns(1)
  peer.socket.destroy()
  await task?.remove()
  assert.equal(session.pool.usage.readBytes, 0)
})

it('whatever a peer says, in whatever order, others are served', async () => {
  await using sample = await SampleTorrent.make()
  await using session = await openSeeder(sample)
  const { pieceCount } = sample.metainfo
  const random = new SeededRandom(7)
  const number = () => (random.below(3) === 0 ? random.below(2 ** 32) : random.below(pieceCount + 1))
  const message = () => ({
    piecesRoot: new Uint8Array(32),
    baseLayer: number(),
    index: number(),
    length: number(),
    proofLayers: number(),
  })
  for (let round = 0; round < 30; round++) {
    await using peer = await RawPeer.dial(session.port, pieceCount)
    const features = {
      fast: random.below(2) === 0,
      extensions: random.below(2) === 0,
      v2: random.below(2) === 0,
    }
    peer.sayHandshake(infoHashOf(sample), features, String.fromCharCode(97 + round))
    const { say } = peer
    const phrases: (() => void)[] = [
      () => say.keepAlive(),
      () => say.choke(),
      () => say.unchoke(),
      () => say.interested(),
      () => say.notInterested(),
      () => say.haveAll(),
      () => say.haveNone(),
      () => say.have(random.below(pieceCount)),
      () => say.bitfield(new Uint8Array(Math.ceil(pieceCount / 8)).fill(random.below(2) * 255)),
      () => say.request(number(), number() * BLOCK_LENGTH, BLOCK_LENGTH),
      () => say.cancel(number(), number() * BLOCK_LENGTH, BLOCK_LENGTH),
      () => say.reject(number(), number(), number()),
      () => say.suggest(number()),
      () => say.allowedFast(random.below(pieceCount)),
      () => say.port(1),
      () => say.extended(0, new TextEncoder().encode('d1:pi7000e4:reqqi0ee')),
      () => say.extended(random.below(256), new Uint8Array(random.below(100) + 1)),
      () => say.hashRequest(message()),
      () => say.hashes(message(), new Uint8Array(64)),
      () => say.hashReject(message()),
    ]
    for (let i = 0; i < 200; i++) phrases[random.below(phrases.length)]?.()
    await turns(3)
  }
  await using leecher = await openSession()
  const peers = [{ host: HERE, port: session.port }]
  const watch = new Watch(leecher.add(sample.metainfo, { dir: sample.dir('got'), mode: 'get', peers }))
  await within(WITHIN_MS, 'complete', watch.until('complete'))
})

it('a torrent with many peers leaves room for another', async () => {
  await using one = await SampleTorrent.make({ version: 'v1' })
  await using two = await SampleTorrent.make({ version: 'v1', seed: 2 })
  await using session = await openSession(8)
  const listeners: RawListener[] = []
  try {
    for (let i = 0; i < 8; i++) listeners.push(await RawListener.open(one.metainfo.pieceCount))
    const peers = listeners.map(({ address }) => address)
    session.add(one.metainfo, { dir: one.dir('got'), mode: 'get', peers })
    session.add(two.metainfo, { dir: two.dir('got'), mode: 'get', peers })
    const named = new Set<string>()
    const answered = new Set<RawPeer>()
    // All that connect stay.
    const answerAll = async () => {
      while (named.size < 2) {
        for (const peer of listeners.flatMap(({ peers }) => peers)) {
          if (peer.theirs === undefined || answered.has(peer)) continue
          answered.add(peer)
          peer.sayHandshake(peer.theirs.infoHash, {}, String.fromCharCode(97 + answered.size))
          named.add(String(peer.theirs.infoHash))
        }
        await turns(1)
      }
    }
    await within(WITHIN_MS, 'a connection for each', answerAll())
  } finally {
    for (const listener of listeners) await listener[Symbol.asyncDispose]()
  }
})
