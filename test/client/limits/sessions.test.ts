// Limited rates over sockets of this machine. Nothing is asserted that a slow machine could miss: only that no more passes
// than may, and that what is to come comes.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { Session, type SessionOptions } from '../../../src/client/session.js'
import type { AddOptions } from '../../../src/client/task/task-host.js'
import { BLOCK_LENGTH } from '../../../src/protocol/metainfo/metainfo.js'
import { within } from '../../support/deadline.js'
import { RawPeer } from '../support/raw-peer.js'
import { SampleTorrent } from '../support/sample-torrent.js'
import { handles, turns, Watch } from '../support/watch.js'

const WITHIN_MS = 20_000
const BYTES = 512 * 1024
const RATE = 512 * 1024
/** At which nothing of any size comes before a test is over. */
const CRAWL = 1_024
/** What a bucket saves up while nothing happens, and a turn of each of two connections. */
const SLACK = RATE / 4 + 2 * BLOCK_LENGTH

async function open(options: SessionOptions = {}): Promise<Session> {
  return await Session.open({ port: 0, bind: '127.0.0.1', ...options })
}

async function seed(session: Session, sample: SampleTorrent, options: Partial<AddOptions> = {}) {
  const task = session.add(sample.metainfo, { dir: sample.dataDir, mode: 'seed', ...options })
  await within(WITHIN_MS, 'the seeder', new Watch(task).until('seeding'))
  return { task, address: { host: '127.0.0.1', port: session.port } }
}

let downloads = 0

function get(session: Session, sample: SampleTorrent, peers: AddOptions['peers'], limits = {}) {
  const dir = sample.dir(`got ${++downloads}`)
  const task = session.add(sample.metainfo, { dir, mode: 'get', peers, limits })
  const watch = new Watch(task)
  return { task, complete: () => within(WITHIN_MS, 'complete', watch.until('complete')) }
}

/** Milliseconds from the beginning to the end of a download. */
async function timed(seeder: Session, leecher: Session, sample: SampleTorrent, limits = {}): Promise<number> {
  const { address } = await seed(seeder, sample)
  const began = performance.now()
  await get(leecher, sample, [address], limits).complete()
  return performance.now() - began
}

function assertNotFaster(ms: number): void {
  assert.ok(ms >= ((BYTES - SLACK) / RATE) * 1_000, `${BYTES} bytes in ${ms} ms`)
}

describe('limited rates of sessions', () => {
  let sample: SampleTorrent
  let handlesBefore: string[]

  before(async () => {
    sample = await SampleTorrent.make({ bytes: BYTES, version: 'v1' })
    await turns(5)
    handlesBefore = handles()
  })
  after(() => sample[Symbol.asyncDispose]())

  it('hold for what comes', async () => {
    await using seeder = await open()
    await using leecher = await open({ limits: { down: RATE } })
    assertNotFaster(await timed(seeder, leecher, sample))
  })

  it('hold for what leaves', async () => {
    await using seeder = await open({ limits: { up: RATE } })
    await using leecher = await open()
    assertNotFaster(await timed(seeder, leecher, sample))
  })

  it('hold for one torrent alone where they are its own', async () => {
    await using other = await SampleTorrent.make({ bytes: BYTES, version: 'v1', seed: 2 })
    await using seeder = await open()
    const { address } = await seed(seeder, sample)
    await seed(seeder, other)
    await using leecher = await open()
    const limited = get(leecher, sample, [address], { down: CRAWL })
    await get(leecher, other, [address]).complete()
    assert.ok(limited.task.status.downloaded < BYTES / 2)
  })

  it('can be lifted while all wait', async () => {
    await using seeder = await open({ limits: { up: CRAWL } })
    const { address, task } = await seed(seeder, sample, { limits: { up: CRAWL } })
    await using leecher = await open({ limits: { down: CRAWL } })
    const download = get(leecher, sample, [address], { down: CRAWL })
    while (download.task.status.peers === 0) await turns(1)
    await turns(100)
    assert.ok(download.task.status.downloaded < BYTES / 2)
    for (const limits of [seeder.limits, leecher.limits, task.limits, download.task.limits]) limits.set({})
    await download.complete()
  })

  it('do not hold for peers of this machine where that was said', async () => {
    const options = { limits: { up: CRAWL, down: CRAWL }, limitsLocalPeers: false }
    await using seeder = await open(options)
    const { address } = await seed(seeder, sample)
    await using leecher = await open(options)
    await get(leecher, sample, [address]).complete()
  })

  it('hold back blocks, and nothing else that is said', async () => {
    await using seeder = await open({ limits: { up: CRAWL } })
    await seed(seeder, sample)
    await using first = await interested(seeder.port, sample)
    for (let block = 0; block < 8; block++)
      first.say.request(Math.floor(block / 4), (block % 4) * BLOCK_LENGTH, BLOCK_LENGTH)
    await within(
      WITHIN_MS,
      'the first block',
      first.until(() => first.heardOf('piece').length > 0),
    )
    // The bytes of sixteen seconds are gone: this one has to wait for its blocks, but not to be told that it may ask.
    await using second = await interested(seeder.port, sample)
    first.say.cancel(1, 3 * BLOCK_LENGTH, BLOCK_LENGTH)
    await within(
      WITHIN_MS,
      'the answer to the cancel',
      first.until(() => first.heardOf('reject').length > 0),
    )
    assert.deepEqual(second.heardOf('piece'), [])
    assert.ok(first.heardOf('piece').length < 3)
  })

  it('leave nothing behind', async () => {
    await turns(5)
    assert.deepEqual(handles(), handlesBefore)
  })
})

/** A leecher that may ask for blocks. */
async function interested(port: number, sample: SampleTorrent): Promise<RawPeer> {
  const peer = await RawPeer.dial(port, sample.metainfo.pieceCount)
  peer.sayHandshake(sample.metainfo.infoHashV1 ?? new Uint8Array(20), {}, String(++downloads))
  peer.say.haveNone()
  peer.say.interested()
  await within(
    WITHIN_MS,
    'unchoke',
    peer.until(() => peer.heardOf('unchoke').length > 0),
  )
  return peer
}
