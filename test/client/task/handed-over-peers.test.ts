// Connections over which the metadata came go on with the content: no peer is dialled a second time.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { Session, type SessionOptions } from '../../../src/client/session.js'
import type { AddOptions } from '../../../src/client/task/task-host.js'
import type { PeerEncoder } from '../../../src/protocol/peer/encoder.js'
import { decodeExtensionHandshake } from '../../../src/protocol/peer/extension-handshake.js'
import { ExtensionId } from '../../../src/protocol/peer/extension-ids.js'
import { encodeMetadataMessage } from '../../../src/protocol/peer/metadata-message.js'
import { ScriptedFinders } from '../../discovery/scripted-finder.js'
import { within } from '../../support/deadline.js'
import { giveMetadata, MetadataGiver } from '../support/metadata-giver.js'
import { RawPeer } from '../support/raw-peer.js'
import { SampleTorrent } from '../support/sample-torrent.js'
import { Watch } from '../support/watch.js'

const WITHIN_MS = 30_000
const PIECE_LENGTH = 32_768
const PIECES = 20

async function makeSample(
  options: { readonly isPrivate?: boolean; readonly version?: 'v1' | 'hybrid' } = {},
) {
  return await SampleTorrent.make({
    version: 'v1',
    pieceLength: PIECE_LENGTH,
    bytes: PIECES * PIECE_LENGTH,
    ...options,
  })
}

async function openSession(options: SessionOptions = {}): Promise<Session> {
  return await Session.open({ port: 0, bind: '127.0.0.1', encryption: 'off', ...options })
}

function add(session: Session, sample: SampleTorrent, options: Partial<AddOptions> = {}): Watch {
  const { infoHashV1, infoHashV2 } = sample.metainfo
  const torrent = { infoHashV1, infoHashV2, name: undefined, trackers: [], webSeeds: [] }
  return new Watch(session.add(torrent, { dir: sample.dir('got'), mode: 'get', ...options }))
}

/** Answers every request for a block with that block of the content. */
async function serve(peer: RawPeer, sample: SampleTorrent): Promise<void> {
  const content = readFileSync(join(sample.dataDir, sample.metainfo.name))
  try {
    for (let heard = 0; ; heard++) {
      await peer.until(() => peer.heard.length > heard)
      const [name, piece, offset, length] = peer.heard[heard] ?? []
      if (name !== 'request') continue
      const start = Number(piece) * PIECE_LENGTH + Number(offset)
      peer.sayBlock(Number(piece), Number(offset), content.subarray(start, start + Number(length)))
    }
  } catch {
    // Its connection has ended.
  }
}

const bitfieldOf = (isThere: (piece: number) => boolean): Uint8Array => {
  const bits = new Uint8Array(Math.ceil(PIECES / 8))
  for (let piece = 0; piece < PIECES; piece++) if (isThere(piece)) bits[piece >>> 3]! |= 0x80 >>> (piece & 7)
  return bits
}

const openings: readonly [string, (say: PeerEncoder) => void][] = [
  ['have all', say => say.haveAll()],
  ['a bitfield', say => say.bitfield(bitfieldOf(() => true))],
  [
    'a bitfield and a have for each other piece',
    say => {
      say.bitfield(bitfieldOf(piece => piece % 2 === 0))
      for (let piece = 1; piece < PIECES; piece += 2) say.have(piece)
    },
  ],
  [
    'have none and a have for each piece, the last one first',
    say => {
      say.haveNone()
      for (let piece = PIECES - 1; piece >= 0; piece--) say.have(piece)
    },
  ],
  [
    'nothing but a have for each piece',
    say => {
      for (let piece = 0; piece < PIECES; piece++) say.have(piece)
    },
  ],
]

describe('a peer that gave the metadata', () => {
  for (const [what, opening] of openings) {
    it(`goes on to give the content over the same connection: ${what}`, async () => {
      await using sample = await makeSample()
      const say = (encoder: PeerEncoder) => {
        opening(encoder)
        encoder.choke()
        encoder.unchoke()
      }
      await using giver = await MetadataGiver.open(sample.metainfo, { opening: say })
      await using session = await openSession()
      const watch = add(session, sample, { peers: [giver.address] })
      const peer = await giver.peer()
      void serve(peer, sample)
      await within(WITHIN_MS, 'the download', watch.until('complete'))
      assert.equal(giver.count, 1)
      // BEP 10: a second handshake names what is spoken from now on.
      const handshakes = peer.heardOf('extended').filter(([, id]) => id === 0)
      const [before, after] = handshakes.map(([, , payload]) => {
        assert.ok(payload instanceof Uint8Array)
        return decodeExtensionHandshake(payload)
      })
      assert.deepEqual([before?.extensions.has('ut_pex'), after?.extensions.has('ut_pex')], [false, true])
      assert.deepEqual(
        [before?.metadataSize, after?.metadataSize],
        [undefined, sample.metainfo.infoBytes.length],
      )
    })
  }

  it('keeps its connection where it connected to us, as behind a NAT', async () => {
    await using sample = await makeSample()
    await using session = await openSession()
    const watch = add(session, sample)
    await within(WITHIN_MS, 'the fetch', watch.until('metadata'))
    await using peer = await RawPeer.dial(session.port, PIECES)
    const opening = (say: PeerEncoder) => {
      say.haveAll()
      say.unchoke()
    }
    void giveMetadata(peer, sample.metainfo, { opening })
    void serve(peer, sample)
    await within(WITHIN_MS, 'the download', watch.until('complete'))
  })

  it('may announce its pieces, unchoke us and be interested later on', async () => {
    await using sample = await makeSample()
    await using giver = await MetadataGiver.open(sample.metainfo)
    await using session = await openSession()
    const watch = add(session, sample, { peers: [giver.address] })
    const peer = await giver.peer()
    void serve(peer, sample)
    await within(WITHIN_MS, 'the start', watch.until('downloading'))
    for (let piece = 0; piece < PIECES; piece++) peer.say.have(piece)
    await peer.until(() => peer.heardOf('interested').length > 0)
    peer.say.unchoke()
    await within(WITHIN_MS, 'the download', watch.until('complete'))
    assert.equal(giver.count, 1)
  })

  it('is told the pieces that are there already', async () => {
    await using sample = await makeSample()
    {
      await using session = await openSession()
      const seeder = new Watch(session.add(sample.metainfo, { dir: sample.dataDir, mode: 'seed' }))
      await within(WITHIN_MS, 'the seeder', seeder.until('seeding'))
    }
    await using giver = await MetadataGiver.open(sample.metainfo)
    await using session = await openSession()
    const watch = add(session, sample, { dir: sample.dataDir, peers: [giver.address] })
    await within(WITHIN_MS, 'the check', watch.until('complete'))
    const peer = await giver.peer()
    await peer.until(() => peer.heardOf('have').length === PIECES)
    assert.equal(giver.count, 1)
  })

  it('may send late what was asked of two peers', async () => {
    await using sample = await makeSample()
    const { infoBytes } = sample.metainfo
    await using late = await MetadataGiver.open(sample.metainfo, { isSilent: true })
    await using session = await openSession()
    const watch = add(session, sample, { peers: [late.address] })
    const slow = await late.peer()
    await slow.until(() => slow.heardOf('extended').some(([, id]) => id !== 0))
    await using giver = await RawPeer.dial(session.port, PIECES, '127.0.0.2')
    void giveMetadata(giver, sample.metainfo)
    await within(WITHIN_MS, 'the start', watch.until('downloading'))
    const data = encodeMetadataMessage({
      type: 'data',
      piece: 0,
      totalSize: infoBytes.length,
      bytes: infoBytes,
    })
    slow.say.extended(ExtensionId.ut_metadata, data)
    slow.say.interested()
    slow.say.request(0, 0, 16_384)
    // BEP 6: what a choked peer requests is rejected, once the rest was read.
    await slow.until(() => slow.heardOf('reject').length > 0)
    // Only once.
    slow.say.extended(ExtensionId.ut_metadata, data)
    await slow.closed()
  })

  for (const [what, opening] of [
    ['a bitfield that is too long', (say: PeerEncoder) => say.bitfield(new Uint8Array(PIECES))],
    ['a bitfield with spare bits', (say: PeerEncoder) => say.bitfield(new Uint8Array([0, 0, 1]))],
    ['a piece that there is not', (say: PeerEncoder) => say.have(PIECES)],
    ['a piece that there cannot be', (say: PeerEncoder) => say.have(2 ** 32 - 1)],
  ] as const) {
    it(`is left where it announced ${what}`, async () => {
      await using sample = await makeSample()
      await using giver = await MetadataGiver.open(sample.metainfo, { opening })
      await using session = await openSession()
      add(session, sample, { peers: [giver.address] })
      await (await giver.peer()).closed()
    })
  }

  it('is left where its address came from a source that a private torrent may not use (BEP 27)', async () => {
    await using sample = await makeSample({ isPrivate: true })
    await using giver = await MetadataGiver.open(sample.metainfo)
    await using session = await openSession({ finders: [new ScriptedFinders('dht', [giver.address])] })
    const watch = add(session, sample)
    await within(WITHIN_MS, 'the start', watch.until('downloading'))
    await (await giver.peer()).closed()
    assert.equal([...session.torrents][0]?.status.peers, 0)
    assert.equal(giver.count, 1)
  })

  it('is connected to anew where only the v2 swarm has the layers that are missing (BEP 52)', async () => {
    await using sample = await makeSample({ version: 'hybrid' })
    await using giver = await MetadataGiver.open(sample.metainfo)
    await using session = await openSession()
    add(session, sample, { peers: [giver.address] })
    const second = await giver.peer(1)
    await second.until(() => second.theirs !== undefined)
    assert.deepEqual(
      [...(second.theirs?.infoHash ?? [])],
      [...(sample.metainfo.infoHashV2?.subarray(0, 20) ?? [])],
    )
  })
})
