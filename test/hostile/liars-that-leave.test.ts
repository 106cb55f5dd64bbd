// Many peers that send bad blocks, leave requests unanswered, and disconnect: their pieces must not wait for them.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import { RawListener, RawPeer } from '../client/support/raw-peer.js'
import { within } from '../support/deadline.js'
import { attackerHosts } from './support/hosts.js'
import { startGetVictim } from './support/victim.js'

const LIARS = 100
const LEAVE_AFTER_MS = 8_000
const MIB = 2 ** 20

/** From the moment when the liars are gone and an honest seed is there. */
const DONE_MS = 15_000

/** Announces everything, answers two of three requests with random bytes, and leaves. */
async function lie(peer: RawPeer, infoHash: Uint8Array, index: number): Promise<void> {
  peer.sayHandshake(infoHash, {}, String.fromCharCode(0x100 + index))
  peer.say.haveAll()
  peer.say.unchoke()
  const timer = setTimeout(() => peer.socket.destroy(), 2_000 + (index * (LEAVE_AFTER_MS - 2_000)) / LIARS)
  for (let answered = 0; !peer.isClosed; ) {
    const requests = peer.heardOf('request')
    for (; answered < requests.length; answered++) {
      const [, piece, offset, length] = requests[answered] ?? []
      if (typeof piece !== 'number' || typeof offset !== 'number' || typeof length !== 'number') continue
      if (answered % 3 !== 2) peer.sayBlock(piece, offset, new Uint8Array(length).fill(index))
    }
    if (!peer.isClosed) await peer.change()
  }
  clearTimeout(timer)
}

it('a download beside a hundred liars that left goes on at once with an honest seed', async () => {
  const seeds: RawPeer[] = []
  let content: Buffer = Buffer.alloc(0)
  let pieceLength = 0
  let mayServe = false
  const serve = (peer: RawPeer, from: number): number => {
    const requests = peer.heardOf('request')
    for (const [, piece, offset, length] of requests.slice(from)) {
      if (typeof piece !== 'number' || typeof offset !== 'number' || typeof length !== 'number') continue
      const at = piece * pieceLength + offset
      peer.sayBlock(piece, offset, content.subarray(at, at + length))
    }
    return requests.length
  }
  const opened: { listener?: RawListener } = {}
  await using victim = await startGetVictim(
    async torrent => {
      content = await readFile(join(torrent.dataDir, 'content.bin'))
      pieceLength = torrent.pieceLength
      opened.listener = await RawListener.open(torrent.pieceCount, peer => {
        seeds.push(peer)
        peer.sayHandshake(torrent.infoHash, {}, 's')
        peer.say.haveAll()
        void (async () => {
          let served = 0
          while (!peer.isClosed) {
            if (mayServe) served = serve(peer, served)
            await peer.change()
          }
        })()
      })
      return [`127.0.0.1:${opened.listener.port}`]
    },
    { bytes: 16 * MIB, pieceLength: 262_144 },
  )
  await using _seed = opened.listener
  const { port, torrent } = victim
  await Promise.all(
    attackerHosts(LIARS).map(async (host, index) => {
      const peer = await RawPeer.dial(port, torrent.pieceCount, host)
      await lie(peer, torrent.infoHash, index)
    }),
  )
  mayServe = true
  assert.ok(
    seeds.some(peer => !peer.isClosed),
    'the honest seed is not there any more',
  )
  for (const peer of seeds) if (!peer.isClosed) peer.say.unchoke()
  await within(DONE_MS, 'the end of the download', victim.process.waitFor('complete'))
})
