// Blocks that were never requested, or whose requests were taken back, as many as a line carries.

import assert from 'node:assert/strict'
import { it } from 'node:test'
import { BLOCK_LENGTH } from '../../src/protocol/metainfo/metainfo.js'
import { RawPeer } from '../client/support/raw-peer.js'
import { within } from '../support/deadline.js'
import { BOUNDS } from './support/bounds.js'
import { type SwarmVictim, startGetVictim } from './support/victim.js'

const MIB = 2 ** 20

/** Two windows of blocks, and what is under way when the connection ends. */
const MOST_SENT = 24 * MIB

const ENOUGH_MS = 20_000

async function seedWithoutFast({ port, torrent }: SwarmVictim): Promise<RawPeer> {
  const peer = await RawPeer.dial(port, torrent.pieceCount)
  peer.socket.setNoDelay(true)
  peer.sayHandshake(torrent.infoHash, { fast: false })
  peer.say.bitfield(new Uint8Array(Math.ceil(torrent.pieceCount / 8)).fill(0xff))
  await within(
    ENOUGH_MS,
    'interest',
    peer.until(() => peer.heardOf('interested').length > 0),
  )
  return peer
}

it('a peer that chokes in the middle and sends blocks that were never requested is dropped at once', async () => {
  await using victim = await startGetVictim(async () => [], { bytes: 64 * MIB })
  await using peer = await seedWithoutFast(victim)
  for (let i = 0; i < 100; i++) {
    peer.say.unchoke()
    peer.say.choke()
  }
  peer.say.unchoke()
  await peer.until(() => peer.heardOf('request').length > 0)
  peer.say.choke()
  const asked = new Set(peer.heardOf('request').map(([, piece]) => piece))
  let unasked = 0
  while (asked.has(unasked)) unasked++
  await new Promise<void>(resolve => queueMicrotask(resolve))
  let sent = 0
  const block = new Uint8Array(BLOCK_LENGTH)
  while (!peer.isClosed && sent < MOST_SENT) {
    peer.sayBlock(unasked, 0, block)
    sent += BLOCK_LENGTH
    if (peer.socket.writableLength > MIB) await Promise.race([peer.change(), drained(peer)])
  }
  await within(ENOUGH_MS, 'the end of the connection', peer.closed())
  assert.ok(victim.process.child.isRunning)
  assert.ok(victim.memoryGrowth <= BOUNDS.memoryGrowth)
})

it('a peer that answers every request after a choke is dropped after two windows', async () => {
  await using victim = await startGetVictim(async () => [], { bytes: 64 * MIB })
  await using peer = await seedWithoutFast(victim)
  let sent = 0
  let answered = 0
  const block = new Uint8Array(BLOCK_LENGTH)
  peer.say.unchoke()
  await within(
    ENOUGH_MS,
    'the end of the connection',
    (async () => {
      while (!peer.isClosed) {
        const requests = peer.heardOf('request')
        const next = requests[answered]
        if (next === undefined) {
          await peer.change()
          continue
        }
        answered = requests.length
        const [, piece, offset] = next
        if (typeof piece !== 'number' || typeof offset !== 'number') throw new TypeError('no request')
        peer.say.choke()
        peer.sayBytes(peer.say.take().slice())
        peer.sayBlock(piece, offset, block)
        peer.say.unchoke()
        sent += BLOCK_LENGTH
      }
    })(),
  )
  assert.ok(sent <= MOST_SENT, `${Math.round(sent / MIB)} MiB were taken`)
  assert.ok(victim.process.child.isRunning)
  assert.ok(victim.memoryGrowth <= BOUNDS.memoryGrowth)
})

async function drained(peer: RawPeer): Promise<void> {
  await new Promise<void>(resolve => peer.socket.once('drain', resolve))
}
