// What other programs do to a file that is complete, while the rest of its torrent is being downloaded.

import assert from 'node:assert/strict'
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { Bitfield } from '../../../src/base/bitfield.js'
import { wireHashes } from '../../../src/client/net/swarm.js'
import { Session } from '../../../src/client/session.js'
import type { TorrentTask } from '../../../src/client/task/torrent-task.js'
import { within } from '../../support/deadline.js'
import { RawListener, type RawPeer } from '../support/raw-peer.js'
import { SampleTorrent } from '../support/sample-torrent.js'
import { turns, Watch } from '../support/watch.js'

const WITHIN_MS = 20_000
const HERE = '127.0.0.1'
const PIECE_LENGTH = 65_536
const FIRST = { path: 'first', bytes: 400_000 }
const SECOND = { path: 'second', bytes: 900_000 }

async function openSession(): Promise<Session> {
  return await Session.open({ port: 0, bind: HERE, encryption: 'off' })
}

/** Gives the pieces of the first file, and has nothing else. */
async function giveFirst(peer: RawPeer, sample: SampleTorrent, task: TorrentTask): Promise<void> {
  const content = readFileSync(join(sample.dataDir, 'content', FIRST.path))
  const have = new Bitfield(sample.metainfo.pieceCount)
  for (let piece = 0; piece * PIECE_LENGTH < FIRST.bytes; piece++) have.add(piece)
  peer.sayHandshake(wireHashes(sample.metainfo).v2 ?? new Uint8Array(20))
  peer.say.bitfield(have.bytes)
  peer.say.unchoke()
  let answered = 0
  while (task.status.done < FIRST.bytes && !peer.isClosed) {
    const requests = peer.heardOf('request')
    for (const [, piece, offset, length] of requests.slice(answered)) {
      const at = Number(piece) * PIECE_LENGTH + Number(offset)
      peer.sayBlock(Number(piece), Number(offset), content.subarray(at, at + Number(length)))
    }
    answered = requests.length
    await turns(1)
  }
}

/** Downloads the first file, does something to it, and downloads the rest. */
async function downloadAround(
  change: (path: string) => void,
): Promise<{ path: string; ended: Promise<unknown> }> {
  await using sample = await SampleTorrent.make({
    version: 'v2',
    pieceLength: PIECE_LENGTH,
    files: [FIRST, SECOND],
  })
  await using listener = await RawListener.open(sample.metainfo.pieceCount)
  await using session = await openSession()
  const dir = sample.dir('got')
  const task = session.add(sample.metainfo, { dir, mode: 'get', peers: [listener.address] })
  const watch = new Watch(task)
  const peer = await within(WITHIN_MS, 'a connection', listener.peer())
  await within(WITHIN_MS, 'the first file', giveFirst(peer, sample, task))
  const path = join(dir, 'content', FIRST.path)
  change(path)
  await using seeder = await openSession()
  const peers = [{ host: HERE, port: session.port }]
  seeder.add(sample.metainfo, { dir: sample.dataDir, mode: 'seed', peers })
  const ended = watch.until('complete')
  await within(
    WITHIN_MS,
    'the end',
    ended.catch(() => {}),
  )
  return { path, ended }
}

describe('a file that was hashed while others came', () => {
  it('is right where nobody touched it', async () => {
    const { ended } = await downloadAround(() => {})
    await ended
  })

  it('is wrong where another program wrote to it', async () => {
    const { path, ended } = await downloadAround(file => {
      const bytes = readFileSync(file)
      bytes[1234] = (bytes[1234] ?? 0) ^ 1
      writeFileSync(file, bytes)
    })
    await assert.rejects(ended, { name: 'DataError', code: 'checksum', facts: { path } })
  })

  it('is too short where another program cut it, or took it away', async () => {
    for (const change of [(file: string) => truncateSync(file, 1000), (file: string) => rmSync(file)]) {
      const { path, ended } = await downloadAround(change)
      await assert.rejects(ended, { name: 'DiskError', code: 'changed', facts: { path } })
    }
  })
})
