import assert from 'node:assert/strict'
import net from 'node:net'
import { it } from 'node:test'
import { RateLimits, TorrentLimits } from '../../../src/client/limits/rate-limits.js'
import { Connection } from '../../../src/client/net/connection.js'
import type { ConnectionHost } from '../../../src/client/net/connection-host.js'
import { ContentSwarm } from '../../../src/client/net/content-swarm.js'
import { ReadTurns } from '../../../src/client/net/read-turns.js'
import { Receivers } from '../../../src/client/net/receiving/receivers.js'
import { TcpStream } from '../../../src/client/net/tcp/tcp-stream.js'
import { RawPeer } from '../support/raw-peer.js'

const HOUR = 3_600_000
const PIECES = 4
const INFO_HASH = new Uint8Array(20).fill(7)

it('a peer that we do not read, because the rate is used up, is neither silent nor snubbing', async () => {
  // The clock stands still: nothing is ever left of the rate.
  using limits = new RateLimits(() => 0, { down: 1_024 })
  let haves = 0
  let heldUpAt = 0
  const ledger = {
    heldUp(now: number) {
      heldUpAt = now
    },
  }
  const peer = { ledger, haveNone() {}, have: () => haves++, extended() {} }
  const torrent = {
    map: { pieceCount: PIECES },
    downloader: { endTurn() {} },
    addPeer: () => peer,
    removePeer() {},
  }
  const torrentLimits = new TorrentLimits(limits, {})
  const swarm = new ContentSwarm(
    { infoHashV1: INFO_HASH } as never,
    () => torrent as never,
    {} as never,
    torrentLimits,
  )
  let isOpen = true
  const host: ConnectionHost<Connection> = {
    peerId: new Uint8Array(20),
    receiveMemory: Buffer.alloc(0),
    receivers: new Receivers(() => 0),
    readTurns: new ReadTurns(),
    now: () => 0,
    isLimited: () => true,
    findSwarm: () => swarm,
    flushSoon: () => {},
    introduced: () => {},
    closed: () => {
      isOpen = false
    },
  }
  const server = net.createServer({ pauseOnConnect: true })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const accepted = new Promise<Connection>(resolve => {
    server.on('connection', socket => {
      const remote = { host: '127.0.0.1', port: socket.remotePort ?? 0 }
      resolve(new Connection(host, remote, undefined, on => TcpStream.accept(socket, remote, on)))
    })
  })
  await using raw = await RawPeer.dial((server.address() as net.AddressInfo).port, PIECES)
  const connection = await accepted
  raw.sayHandshake(INFO_HASH)
  raw.say.haveNone()
  // More than the buffers of the system hold, so that something is left that we have not read.
  const sent = 2_000_000
  for (let i = 0; i < sent; i++) raw.say.have(i % PIECES)
  let before = -1
  while (haves === 0 || haves > before) {
    before = haves
    for (let turn = 0; turn < 50; turn++) await new Promise(resolve => setImmediate(resolve))
  }
  assert.ok(haves < sent, `${haves}`)
  connection.onSecond(HOUR)
  assert.ok(isOpen)
  assert.equal(heldUpAt, HOUR)

  limits.set({})
  while (haves < sent) await new Promise(resolve => setImmediate(resolve))
  connection.onSecond(2 * HOUR)
  assert.ok(!isOpen)
  server.close()
})
