// What other programs do to a file that is complete, while the rest of its torrent is being downloaded.

import assert from 'node:assert/strict'
import {
  appendFileSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { Bitfield } from '../../../src/base/bitfield.js'
import { wireHashes } from '../../../src/client/net/swarm.js'
import { Session } from '../../../src/client/session.js'
import type { AddOptions } from '../../../src/client/task/task-host.js'
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

/** Changes a byte and sets the mtime back. */
function alter(path: string): void {
  const { atime, mtime } = statSync(path)
  const bytes = readFileSync(path)
  bytes[1234] = (bytes[1234] ?? 0) ^ 1
  writeFileSync(path, bytes)
  utimesSync(path, atime, mtime)
}

interface Around {
  /** Of the first file. */
  readonly path: string
  readonly ended: Promise<unknown>
  /** Whether each file is what it should be. */
  readonly got: readonly { readonly isRight: boolean }[]
}

/** Downloads the first file, does something to it, and downloads the rest. */
async function downloadAround(
  change: (path: string) => void,
  options: Partial<AddOptions> = {},
): Promise<Around> {
  await using sample = await SampleTorrent.make({
    version: 'v2',
    pieceLength: PIECE_LENGTH,
    files: [FIRST, SECOND],
  })
  await using listener = await RawListener.open(sample.metainfo.pieceCount)
  await using session = await openSession()
  const dir = sample.dir('got')
  const task = session.add(sample.metainfo, { dir, mode: 'get', peers: [listener.address], ...options })
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
  const got = [FIRST, SECOND].map(file => {
    const bytes = (folder: string) => readFileSync(join(folder, 'content', file.path))
    return { isRight: bytes(dir).equals(bytes(sample.dataDir)) }
  })
  return { path, ended, got }
}

describe('a file that was hashed while others came', () => {
  it('is right where it was not touched', async () => {
    const { ended } = await downloadAround(() => {})
    await ended
  })

  const changes: [string, (path: string) => void][] = [
    ['wrote to it', alter],
    ['cut it', path => truncateSync(path, 1000)],
    ['removed it', path => rmSync(path)],
  ]
  for (const [what, change] of changes) {
    it(`is hashed again where another program ${what}, and what is wrong is fetched in the same run`, async () => {
      const { ended, got } = await downloadAround(change)
      await ended
      assert.ok(got.every(({ isRight }) => isRight))
    })
  }

  it('is an error that names --truncate where another program appended to it, and is cut with that', async () => {
    const append = (path: string) => appendFileSync(path, 'more')
    const { path, ended } = await downloadAround(append)
    await assert.rejects(ended, { name: 'DiskError', code: 'exists', facts: { path }, message: /--truncate/ })
    const { ended: cut, got } = await downloadAround(append, { truncate: true })
    await cut
    assert.ok(got.every(({ isRight }) => isRight))
  })
})
