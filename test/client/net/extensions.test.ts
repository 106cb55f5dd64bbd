// What BEP 40 and BEP 54 make of a real session, over sockets of this machine.

import assert from 'node:assert/strict'
import { truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import { Session } from '../../../src/client/session.js'
import { decodeExtensionHandshake } from '../../../src/protocol/peer/extension-handshake.js'
import { peerPriority } from '../../../src/protocol/peer-priority.js'
import { within } from '../../support/deadline.js'
import { extensionHandshake } from '../../support/extension-handshake.js'
import { RawPeer } from '../support/raw-peer.js'
import { SampleTorrent } from '../support/sample-torrent.js'
import { Watch } from '../support/watch.js'

const WITHIN_MS = 20_000
const HERE = '127.0.0.1'
const DONT_HAVE = 99

async function openSeeder(
  sample: SampleTorrent,
  options: { maxPeers?: number; usePeerExchange?: boolean } = {},
): Promise<Session> {
  const { maxPeers, usePeerExchange } = options
  const session = await Session.open({ port: 0, bind: HERE, maxPeers })
  const task = session.add(sample.metainfo, { dir: sample.dataDir, mode: 'seed', usePeerExchange })
  const watch = new Watch(task)
  await within(WITHIN_MS, 'the seeder', watch.until('seeding'))
  return session
}

/** The ids that a session offers to a peer. */
async function offeredTo(peer: RawPeer): Promise<ReadonlyMap<string, number>> {
  await within(WITHIN_MS, 'an extension handshake', greeted(peer))
  const [, , payload] = peer.heardOf('extended')[0] ?? []
  assert.ok(payload instanceof Uint8Array)
  return decodeExtensionHandshake(payload)?.extensions ?? new Map()
}

/** A peer that has introduced itself; it may be refused. */
async function introduce(session: Session, sample: SampleTorrent, id: string): Promise<RawPeer> {
  const peer = await RawPeer.dial(session.port, sample.metainfo.pieceCount)
  peer.sayHandshake(sample.metainfo.infoHashV1 ?? new Uint8Array(20), {}, id)
  const handshake = extensionHandshake({
    extensions: new Map([['lt_donthave', DONT_HAVE]]),
    yourIp: Uint8Array.of(127, 0, 0, 1),
  })
  peer.say.extended(0, handshake)
  peer.say.haveNone()
  return peer
}

it('a seeder whose file was cut takes back the pieces that it cannot read', async () => {
  await using sample = await SampleTorrent.make({ version: 'v1' })
  await using session = await openSeeder(sample)
  await truncate(join(sample.dataDir, sample.metainfo.name))
  await using peer = await introduce(session, sample, 'x')
  peer.say.interested()
  const heard = async (name: string) =>
    await within(
      WITHIN_MS,
      name,
      peer.until(() => peer.heardOf(name).length > 0),
    )
  await heard('unchoke')
  peer.say.request(3, 0, 16_384)
  await heard('reject')
  await within(
    WITHIN_MS,
    'don’t-have',
    peer.until(() => peer.heardOf('extended').some(([, id]) => id === DONT_HAVE)),
  )
  assert.deepEqual(
    peer.heardOf('extended').filter(([, id]) => id === DONT_HAVE),
    [['extended', DONT_HAVE, Uint8Array.of(0, 0, 0, 3)]],
  )
  // A newcomer is not offered it.
  await using late = await introduce(session, sample, 'y')
  await within(
    WITHIN_MS,
    'a bitfield',
    late.until(() => late.heardOf('bitfield').length > 0),
  )
  assert.deepEqual(late.heardOf('bitfield'), [['bitfield', Uint8Array.of(0xef, 0xff)]])
})

it('peer exchange is offered, but not for private torrents, nor where the user wants none', async () => {
  const cases = [
    { isPrivate: false, usePeerExchange: true, isOffered: true },
    { isPrivate: true, usePeerExchange: true, isOffered: false },
    { isPrivate: false, usePeerExchange: false, isOffered: false },
  ]
  for (const { isPrivate, usePeerExchange, isOffered } of cases) {
    await using sample = await SampleTorrent.make({ version: 'v1', isPrivate })
    await using session = await openSeeder(sample, { usePeerExchange })
    await using peer = await introduce(session, sample, 'x')
    const offered = await offeredTo(peer)
    assert.equal(offered.has('ut_pex'), isOffered)
    assert.ok(offered.has('lt_donthave'))
  }
})

it('a full session lets those in whose priority is higher, and never has more than its limit', async () => {
  const limit = 3
  await using sample = await SampleTorrent.make({ version: 'v1' })
  await using session = await openSeeder(sample, { maxPeers: limit })
  const [task] = session.torrents
  const peers: RawPeer[] = []
  try {
    for (let number = 0; number < 12; number++) {
      const peer = await introduce(session, sample, String.fromCharCode(97 + number))
      peers.push(peer)
      await within(WITHIN_MS, 'an answer', Promise.race([peer.closed(), greeted(peer)]))
      assert.ok((task?.status.peers ?? 0) <= limit)
    }
    const us = { host: HERE, port: session.port }
    const rank = ({ localPort }: RawPeer) => peerPriority(us, { host: HERE, port: localPort }) ?? 0
    const best = peers.toSorted((a, b) => rank(b) - rank(a)).slice(0, limit)
    const rest = peers.filter(peer => !best.includes(peer))
    await within(WITHIN_MS, 'the end of the others', Promise.all(rest.map(peer => peer.closed())))
    assert.equal(task?.status.peers, limit)
    assert.ok(best.every(peer => !peer.isClosed))
  } finally {
    for (const peer of peers) await peer[Symbol.asyncDispose]()
  }
})

/** Waits for our extension handshake, the last thing that a newcomer is told. */
async function greeted(peer: RawPeer): Promise<void> {
  while (!peer.isClosed && peer.heardOf('extended').length === 0) await peer.change()
}
