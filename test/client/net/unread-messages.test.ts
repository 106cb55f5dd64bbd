import assert from 'node:assert/strict'
import net from 'node:net'
import { it } from 'node:test'
import { RateLimits, TorrentLimits } from '../../../src/client/limits/rate-limits.js'
import { Connection } from '../../../src/client/net/connection.js'
import type { ConnectionHost } from '../../../src/client/net/connection-host.js'
import { ContentSwarm } from '../../../src/client/net/content-swarm.js'
import { FlushQueue } from '../../../src/client/net/flush-queue.js'
import { ReadTurns } from '../../../src/client/net/read-turns.js'
import { Receivers } from '../../../src/client/net/receiving/receivers.js'
import { TcpStream } from '../../../src/client/net/tcp/tcp-stream.js'
import type { PeerLink } from '../../../src/engine/world.js'
import { RawPeer } from '../support/raw-peer.js'

const PIECES = 4
const INFO_HASH = new Uint8Array(20).fill(7)
const MIB = 2 ** 20

it('a peer that takes nothing of what it is told has no more than a MiB in its socket, and is ended after two minutes', async () => {
  using limits = new RateLimits(() => 0, {})
  let link: PeerLink | undefined
  const torrent = {
    map: { pieceCount: PIECES },
    downloader: { endTurn() {} },
    addPeer: (introduction: { link: PeerLink }) => {
      link = introduction.link
      const uploadQueue = { length: 0, first: undefined, visit() {} }
      return { uploadQueue, sent: { total: 0 }, haveNone() {}, extended() {} }
    },
    removePeer() {},
  }
  const swarm = new ContentSwarm(
    { infoHashV1: INFO_HASH } as never,
    () => torrent as never,
    {} as never,
    new TorrentLimits(limits, {}),
  )
  let now = 0
  const flushes = new FlushQueue()
  let isOpen = true
  const host: ConnectionHost<Connection> = {
    peerId: new Uint8Array(20),
    receiveMemory: Buffer.alloc(0),
    receivers: new Receivers(() => 0),
    readTurns: new ReadTurns(),
    now: () => now,
    isLimited: () => false,
    findSwarm: () => swarm,
    flushSoon: connection => flushes.add(connection),
    introduced: () => {},
    closed: () => {
      isOpen = false
    },
  }
  const server = net.createServer({ pauseOnConnect: true })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  server.unref()
  const accepted = new Promise<Connection>(resolve => {
    server.on('connection', socket => {
      const remote = { host: '127.0.0.1', port: socket.remotePort ?? 0 }
      resolve(new Connection(host, remote, undefined, on => TcpStream.accept(socket, remote, on)))
    })
  })
  await using raw = await RawPeer.dial((server.address() as net.AddressInfo).port, PIECES)
  const connection = await accepted
  raw.sayHandshake(INFO_HASH)
  while (link === undefined) await new Promise(resolve => setImmediate(resolve))
  raw.socket.pause()
  // More than the buffers of the system hold, and what is to wait here.
  for (let turn = 0; turn < 400; turn++) {
    for (let i = 0; i < 5_000; i++) link.have(i % PIECES)
    await new Promise(resolve => setImmediate(resolve))
  }
  assert.ok(connection.waitingBytes >= MIB, `${connection.waitingBytes}`)
  assert.ok(connection.waitingBytes < 1.5 * MIB, `${connection.waitingBytes}`)
  now = 119_000
  connection.onSecond(now)
  assert.ok(isOpen)
  now = 121_000
  connection.onSecond(now)
  assert.ok(!isOpen)
  server.close()
})
