// A connection for a torrent whose metainfo is not here (BEP 9, 10): the number of pieces is not known.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inOneGo } from '../../../src/base/steps.js'
import { nodeDigests } from '../../../src/client/digests.js'
import { RateLimits, TorrentLimits } from '../../../src/client/limits/rate-limits.js'
import { Connections, type ConnectionsOwner } from '../../../src/client/net/connections.js'
import { MetadataSwarm } from '../../../src/client/net/metadata-swarm.js'
import { PeerStreams } from '../../../src/client/net/peer-streams.js'
import { Receivers } from '../../../src/client/net/receiving/receivers.js'
import { makeTransports } from '../../../src/client/net/transports.js'
import { MetadataTorrent } from '../../../src/engine/metadata/metadata-torrent.js'
import { decodeExtensionHandshake } from '../../../src/protocol/peer/extension-handshake.js'
import { ExtensionId } from '../../../src/protocol/peer/extension-ids.js'
import {
  decodeMetadataMessage,
  encodeMetadataMessage,
  type MetadataMessage,
} from '../../../src/protocol/peer/metadata-message.js'
import { defined } from '../../defined.js'
import { extensionHandshake } from '../../support/extension-handshake.js'
import { RawListener, type RawPeer } from '../support/raw-peer.js'

const PIECES = 100
/** Under which the scripted peer wants messages of ut_metadata. */
const THEIR_ID = 9
const METADATA = Buffer.from('d4:name7:exampled6:pieces...')
const INFO_HASH = nodeDigests.sha1(METADATA)

/** The connections of a session with one torrent, of which only the info hash is known, and a scripted peer that it dials. */
async function open() {
  const listener = await RawListener.open(PIECES)
  const limits = new RateLimits(() => performance.now(), {})
  const peerId = new Uint8Array(20).fill(1)
  const owner: ConnectionsOwner = {
    peerId,
    receiveMemory: Buffer.alloc(0),
    receivers: new Receivers(() => performance.now()),
    sharers: 1,
    now: () => performance.now(),
    findSwarm: () => swarm,
    isLimited: () => true,
  }
  const streams = new PeerStreams('off', makeTransports({}), owner.now, () => undefined)
  const connections = new Connections(owner, streams, 10)
  const fetched: Uint8Array[] = []
  const torrent: MetadataTorrent = new MetadataTorrent(
    {
      peerId,
      listenPort: 1,
      maxPeers: 10,
      client: 'test',
      infoHashV1: INFO_HASH,
      infoHashV2: undefined,
      digests: nodeDigests,
    },
    {
      now: owner.now,
      mayConnect: () => connections.mayConnect(swarm),
      hasPlace: () => connections.hasPlace(swarm),
      connect: (address, attempt) =>
        connections.connect(swarm, address, defined(swarm.hashForAttempt(attempt))),
      onBanned: () => assert.fail('nobody is to be banned'),
      workInTurns: steps => inOneGo(steps),
      fetched: metadata => fetched.push(metadata),
    },
  )
  const swarm = new MetadataSwarm(
    { infoHashV1: INFO_HASH, infoHashV2: undefined },
    torrent,
    new TorrentLimits(limits, {}),
  )
  torrent.addCandidates([listener.address], 'user')
  const peer = await listener.peer()
  await peer.until(() => peer.theirs !== undefined)
  peer.sayHandshake(INFO_HASH)
  return {
    torrent,
    fetched,
    peer,
    async [Symbol.asyncDispose]() {
      connections.close()
      limits[Symbol.dispose]()
      await listener[Symbol.asyncDispose]()
    },
  }
}

function offer(peer: RawPeer, metadataSize: number | undefined): void {
  const handshake = extensionHandshake({ extensions: new Map([['ut_metadata', THEIR_ID]]), metadataSize })
  peer.say.extended(0, handshake)
}

function say(peer: RawPeer, message: MetadataMessage): void {
  peer.say.extended(ExtensionId.ut_metadata, encodeMetadataMessage(message))
}

/** The payload of the first extended message that a peer heard under an id. */
async function heard(peer: RawPeer, id: number): Promise<Uint8Array> {
  const found = () => peer.heardOf('extended').find(([, itsId]) => itsId === id)
  await peer.until(() => found() !== undefined)
  const payload = found()?.[2]
  assert.ok(payload instanceof Uint8Array)
  return payload
}

/** Waits until the last thing that was said must have been dealt with: a request of ours is rejected in its turn. */
async function settled(peer: RawPeer): Promise<void> {
  say(peer, { type: 'request', piece: 5 })
  const isReject = ([, id, payload]: readonly unknown[]) =>
    id === THEIR_ID &&
    payload instanceof Uint8Array &&
    Buffer.from(payload).equals(encodeMetadataMessage({ type: 'reject', piece: 5 }))
  await peer.until(() => peer.heardOf('extended').some(isReject))
}

describe('a connection without a piece count', () => {
  it('exchanges the extension handshake and a piece of metadata', async () => {
    await using setup = await open()
    const { peer, torrent, fetched } = setup
    const ours = decodeExtensionHandshake(await heard(peer, 0))
    assert.deepEqual([...(ours?.extensions ?? [])], [['ut_metadata', ExtensionId.ut_metadata]])
    assert.equal(ours?.metadataSize, undefined)
    assert.equal(peer.heardOf('haveNone').length, 1)

    offer(peer, METADATA.length)
    assert.deepEqual(decodeMetadataMessage(await heard(peer, THEIR_ID)), { type: 'request', piece: 0 })
    say(peer, { type: 'data', piece: 0, totalSize: METADATA.length, bytes: METADATA })
    await settled(peer)
    assert.deepEqual(fetched, [new Uint8Array(METADATA)])
    assert.equal(torrent.peers.size, 1)
  })

  it('reads over what the peer has and wants, a bitfield of any torrent included', async () => {
    for (const pieceCount of [1, PIECES, 2 ** 21]) {
      await using setup = await open()
      const { peer, torrent } = setup
      peer.say.bitfield(new Uint8Array(Math.ceil(pieceCount / 8)).fill(0xff))
      peer.say.have(2 ** 32 - 1)
      peer.say.unchoke()
      peer.say.interested()
      peer.say.allowedFast(3)
      peer.say.suggest(4)
      offer(peer, METADATA.length)
      await settled(peer)
      assert.equal(torrent.progress.holders, 1)
    }
  })

  it('asks nothing of a peer that has no metadata itself', async () => {
    await using setup = await open()
    const { peer, torrent } = setup
    offer(peer, undefined)
    await settled(peer)
    assert.equal(torrent.progress.holders, 0)
    const isRequest = ([, id, payload]: readonly unknown[]) =>
      id === THEIR_ID &&
      payload instanceof Uint8Array &&
      Buffer.from(payload).equals(encodeMetadataMessage({ type: 'request', piece: 0 }))
    assert.equal(peer.heardOf('extended').filter(isRequest).length, 0)
  })

  const breaches: readonly [string, (peer: RawPeer) => void][] = [
    ['a block', peer => peer.sayBlock(0, 0, new Uint8Array(100))],
    ['a request', peer => peer.say.request(0, 0, 16_384)],
    ['a bitfield of more pieces than a torrent has', peer => peer.say.bitfield(new Uint8Array(2 ** 18 + 1))],
    [
      'metadata that was not asked for',
      peer => say(peer, { type: 'data', piece: 1, totalSize: METADATA.length, bytes: METADATA }),
    ],
    [
      'metadata of another length',
      peer => say(peer, { type: 'data', piece: 0, totalSize: METADATA.length, bytes: METADATA.subarray(1) }),
    ],
  ]
  for (const [what, breach] of breaches) {
    it(`ends at ${what}`, async () => {
      await using setup = await open()
      const { peer, torrent, fetched } = setup
      offer(peer, METADATA.length)
      await heard(peer, THEIR_ID)
      breach(peer)
      await peer.closed()
      assert.equal(torrent.peers.size, 0)
      assert.deepEqual(fetched, [])
    })
  }
})
