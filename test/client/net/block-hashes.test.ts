// BEP 52: a seeder serves the hashes of blocks, computed from its files, to peers that ask for them over a socket.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import { nodeDigests } from '../../../src/client/digests.js'
import { Session } from '../../../src/client/session.js'
import { requestForBlocks, verifyHashes } from '../../../src/protocol/hash-proof.js'
import { BLOCK_LENGTH } from '../../../src/protocol/metainfo/metainfo.js'
import type { HashMessage } from '../../../src/protocol/peer/hash-messages.js'
import { within } from '../../support/deadline.js'
import { RawPeer } from '../support/raw-peer.js'
import { SampleTorrent } from '../support/sample-torrent.js'
import { Watch } from '../support/watch.js'

const WITHIN_MS = 20_000
const HERE = '127.0.0.1'
const PIECE_LENGTH = 4 * BLOCK_LENGTH
/** The last piece has two blocks, and the last block a few bytes. */
const BYTES = 10 * PIECE_LENGTH + BLOCK_LENGTH + 5

for (const version of ['v2', 'hybrid'] as const) {
  it(`the blocks of every piece of a ${version} torrent`, async () => {
    await using sample = await SampleTorrent.make({ version, bytes: BYTES, pieceLength: PIECE_LENGTH })
    const { metainfo, dataDir } = sample
    await using session = await Session.open({ port: 0, bind: HERE, encryption: 'off' })
    const watch = new Watch(session.add(metainfo, { dir: dataDir, mode: 'seed', peers: [] }))
    await within(WITHIN_MS, 'the seeder', watch.until('seeding'))
    const [entry] = metainfo.entries
    assert.ok(entry?.type === 'file' && entry.piecesRoot !== undefined)
    const { piecesRoot } = entry
    const file = { length: BYTES, piecesRoot }

    await using peer = await RawPeer.dial(session.port, metainfo.pieceCount)
    peer.sayHandshake(metainfo.infoHashV2?.subarray(0, 20) ?? new Uint8Array(20), { v2: true })
    const content = await readFile(join(dataDir, metainfo.name))
    for (let piece = 0; piece < metainfo.pieceCount; piece++) {
      const request = requestForBlocks(file, piece, PIECE_LENGTH)
      peer.say.hashRequest({ ...request, piecesRoot })
      await within(
        WITHIN_MS,
        'the hashes',
        peer.until(() => peer.heardOf('hashes').length === piece + 1),
      )
      const [, answered, hashes] = peer.heardOf('hashes')[piece] ?? []
      assert.deepEqual({ ...(answered as HashMessage) }, { ...request, piecesRoot })
      const leaves: Uint8Array[] = []
      const end = Math.min(BYTES, (piece + 1) * PIECE_LENGTH)
      for (let at = piece * PIECE_LENGTH; at < end; at += BLOCK_LENGTH) {
        leaves.push(nodeDigests.sha256(content.subarray(at, Math.min(end, at + BLOCK_LENGTH))))
      }
      const proven = verifyHashes(request, hashes as Uint8Array, file, nodeDigests)
      assert.deepEqual(proven, new Uint8Array(Buffer.concat(leaves)))
    }
  })
}
