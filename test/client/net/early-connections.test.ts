import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Session } from '../../../src/client/session.js'
import { within } from '../../support/deadline.js'
import { RawPeer } from '../support/raw-peer.js'
import { SampleTorrent } from '../support/sample-torrent.js'

test('a peer that connects while the torrent of a new session is checked is answered once it is ready', async () => {
  await using sample = await SampleTorrent.make({ bytes: 32 * 2 ** 20 })
  const { infoHashV1, pieceCount } = sample.metainfo
  assert.ok(infoHashV1 !== undefined)
  await using session = await Session.open({ port: 0, bind: '127.0.0.1', encryption: 'off' })
  const task = session.add(sample.metainfo, { dir: sample.dataDir, mode: 'seed', useTrackers: false })
  await using peer = await RawPeer.dial(session.port, pieceCount)
  assert.ok(task.isChecking, 'it was to connect too early')
  peer.sayHandshake(infoHashV1)
  await within(
    20_000,
    'the handshake',
    peer.until(() => peer.theirs !== undefined),
  )
})

test('a session that stops ends the sockets that wait', async () => {
  await using sample = await SampleTorrent.make({ bytes: 32 * 2 ** 20 })
  const { pieceCount } = sample.metainfo
  const session = await Session.open({ port: 0, bind: '127.0.0.1' })
  session.add(sample.metainfo, { dir: sample.dataDir, mode: 'seed', useTrackers: false })
  await using peer = await RawPeer.dial(session.port, pieceCount)
  await session.stop()
  await within(5_000, 'the end of the socket', peer.closed())
})
