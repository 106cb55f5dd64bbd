import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import { BLOCK_LENGTH } from '../../../src/protocol/metainfo/metainfo.js'
import { RawPeer } from '../../client/support/raw-peer.js'
import { within } from '../../support/deadline.js'
import { BOUNDS } from './bounds.js'
import { MANY_HOSTS } from './hosts.js'
import type { SharedTorrent } from './victim.js'

/** The address that an honest peer connects to, and the torrent that it wants. */
export interface PeerTarget {
  readonly port: number
  readonly torrent: SharedTorrent
}

let peerIds = 0

/** Connects as a plain peer and sends its handshake. Fails where the peer is refused, or has to wait. */
export async function shakeHands({ port, torrent }: PeerTarget, from?: string): Promise<RawPeer> {
  const dialled = RawPeer.dial(port, torrent.pieceCount, from)
  const peer = await within(BOUNDS.handshakeMs, 'a connection', dialled)
  // A peer id of its own: peers with one id are taken for one peer.
  peer.sayHandshake(torrent.infoHash, {}, String.fromCharCode(33 + (peerIds++ % 90)))
  try {
    await within(
      BOUNDS.handshakeMs,
      'the answer to a handshake',
      // A message after the handshake shows that the peer was not refused right after it.
      peer.until(() => peer.heard.length > 0),
    )
  } catch (error) {
    await peer[Symbol.asyncDispose]()
    throw error
  }
  return peer
}

/** Downloads one block as a leecher that has nothing yet, and leaves. */
export async function fetchFirstBlock(target: PeerTarget, from?: string): Promise<void> {
  await using peer = await shakeHands(target, from)
  peer.say.haveNone()
  peer.say.interested()
  const heard = (name: string) =>
    within(
      BOUNDS.firstBlockMs,
      name,
      peer.until(() => peer.heardOf(name).length > 0),
    )
  await heard('unchoke')
  peer.say.request(0, 0, BLOCK_LENGTH)
  await heard('piece')
}

/**
 * Under an attack: new peers come one after the other, from hosts of their own, and each is answered in time; the last one
 * gets a block in time.
 */
export async function assertServed(victim: PeerTarget, count = 10): Promise<void> {
  const handshakesMs: number[] = []
  for (let i = 0; i < count; i++) {
    const since = performance.now()
    await using _peer = await shakeHands(victim, MANY_HOSTS[i % MANY_HOSTS.length])
    handshakesMs.push(performance.now() - since)
    // So that they meet the attack at different moments.
    await setTimeout(100)
  }
  const slowest = Math.max(...handshakesMs)
  assert.ok(slowest <= BOUNDS.handshakeMs, `a new peer waited ${Math.round(slowest)} ms`)
  const since = performance.now()
  await fetchFirstBlock(victim, MANY_HOSTS[0])
  const firstBlockMs = performance.now() - since
  assert.ok(firstBlockMs <= BOUNDS.firstBlockMs, `an honest peer waited ${Math.round(firstBlockMs)} ms`)
}
