// BEP 9: peers that have no metadata get it from us.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { concatBytes } from '../../../src/base/bytes.js'
import { Session } from '../../../src/client/session.js'
import {
  decodeExtensionHandshake,
  type ExtensionHandshake,
} from '../../../src/protocol/peer/extension-handshake.js'
import { ExtensionId } from '../../../src/protocol/peer/extension-ids.js'
import {
  decodeMetadataMessage,
  encodeMetadataMessage,
  METADATA_PIECE_LENGTH,
  type MetadataMessage,
} from '../../../src/protocol/peer/metadata-message.js'
import { within } from '../../support/deadline.js'
import { extensionHandshake } from '../../support/extension-handshake.js'
import { RawPeer } from '../support/raw-peer.js'
import { type SampleOptions, SampleTorrent } from '../support/sample-torrent.js'
import { Watch } from '../support/watch.js'

const WITHIN_MS = 30_000
/** Under which the scripted peer wants messages of ut_metadata. */
const THEIR_ID = 9

/** A session that seeds, or that has nothing of the content, and a scripted peer that wants the metadata. */
async function open(options: SampleOptions & { readonly by?: 'infoHashV1' | 'infoHashV2' } = {}) {
  const { by = 'infoHashV1' } = options
  const sample = await SampleTorrent.make(options)
  const session = await Session.open({ port: 0, bind: '127.0.0.1' })
  const task = session.add(sample.metainfo, { dir: sample.dataDir, mode: 'seed' })
  await within(WITHIN_MS, 'the seeder', new Watch(task).until('seeding'))
  const peer = await RawPeer.dial(session.port, sample.metainfo.pieceCount)
  peer.sayHandshake(sample.metainfo[by]?.subarray(0, 20) ?? new Uint8Array(20))
  peer.say.haveNone()
  peer.say.extended(0, extensionHandshake({ extensions: new Map([['ut_metadata', THEIR_ID]]) }))
  return {
    metadata: sample.metainfo.infoBytes,
    peer,
    async [Symbol.asyncDispose]() {
      await peer[Symbol.asyncDispose]()
      await session.stop()
      await sample[Symbol.asyncDispose]()
    },
  }
}

function ask(peer: RawPeer, piece: number): void {
  peer.say.extended(ExtensionId.ut_metadata, encodeMetadataMessage({ type: 'request', piece }))
}

/** What the peer heard of ut_metadata. */
function answers(peer: RawPeer): MetadataMessage[] {
  return peer.heardOf('extended').flatMap(([, id, payload]) => {
    const message =
      id === THEIR_ID && payload instanceof Uint8Array ? decodeMetadataMessage(payload) : undefined
    return message === undefined || message === 'unknown' ? [] : [message]
  })
}

async function handshakeOf(peer: RawPeer): Promise<ExtensionHandshake | undefined> {
  const find = () => peer.heardOf('extended').find(([, id]) => id === 0)?.[2]
  await peer.until(() => find() !== undefined)
  const payload = find()
  return payload instanceof Uint8Array ? decodeExtensionHandshake(payload) : undefined
}

describe('metadata for peers', () => {
  for (const [version, by] of [
    ['v1', 'infoHashV1'],
    ['v2', 'infoHashV2'],
    ['hybrid', 'infoHashV1'],
    ['hybrid', 'infoHashV2'],
  ] as const) {
    it(`is offered with its size and given piece by piece, ${version} by its ${by}`, async () => {
      await using setup = await open({ version, by, pieceLength: 16_384, bytes: 8 * 2 ** 20 })
      const { peer, metadata } = setup
      const ours = await handshakeOf(peer)
      assert.equal(ours?.metadataSize, metadata.length)
      assert.equal(ours?.extensions.get('ut_metadata'), ExtensionId.ut_metadata)
      const pieceCount = Math.ceil(metadata.length / METADATA_PIECE_LENGTH)
      for (let piece = 0; piece < pieceCount; piece++) ask(peer, piece)
      await peer.until(() => answers(peer).length === pieceCount)
      const pieces = answers(peer).map((message, piece) => {
        assert.ok(message.type === 'data' && message.piece === piece && message.totalSize === metadata.length)
        return message.bytes
      })
      assert.deepEqual(concatBytes(pieces), new Uint8Array(metadata))
    })
  }

  it('is rejected beyond its end', async () => {
    await using setup = await open()
    const { peer } = setup
    ask(peer, 1)
    ask(peer, 2 ** 31)
    await peer.until(() => answers(peer).length === 2)
    assert.deepEqual(answers(peer), [
      { type: 'reject', piece: 1 },
      { type: 'reject', piece: 2 ** 31 },
    ])
  })

  it('is given twice and some pieces more at once, then requests are rejected', async () => {
    await using setup = await open()
    const { peer } = setup
    for (let count = 0; count < 200; count++) ask(peer, 0)
    await peer.until(() => answers(peer).length === 200)
    const given = answers(peer).filter(({ type }) => type === 'data').length
    // One more for each second that passes.
    assert.ok(given >= 34 && given <= 64, `${given}`)
  })

  it('ends a peer that sends metadata although nothing was asked for', async () => {
    await using setup = await open()
    const { peer } = setup
    const bytes = new Uint8Array(100)
    peer.say.extended(
      ExtensionId.ut_metadata,
      encodeMetadataMessage({ type: 'data', piece: 0, totalSize: 100, bytes }),
    )
    await peer.closed()
  })

  it('is not given of a private torrent', async () => {
    await using setup = await open({ isPrivate: true })
    const { peer } = setup
    const ours = await handshakeOf(peer)
    assert.equal(ours?.metadataSize, undefined)
    assert.equal(ours?.extensions.has('ut_metadata'), false)
  })
})
