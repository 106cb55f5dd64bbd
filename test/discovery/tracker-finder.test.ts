import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Gate } from '../../src/base/gate.js'
import { SeededRandom } from '../../src/base/random.js'
import { announceTransport } from '../../src/discovery/announce-transport.js'
import { trackerFinders } from '../../src/discovery/tracker-finder.js'
import { MemoryLine } from './udp/memory-line.js'
import { settled } from './virtual-clock.js'

const host = {
  peerId: new Uint8Array(20),
  port: 6881,
  trackerKey: 1,
  announcedEncryption: undefined,
  random: new SeededRandom(1),
  bind: undefined,
  announceGate: new Gate(10),
  announceTransport: announceTransport(new MemoryLine().trackers),
}

it('the trackers of a hybrid hear of each of its swarms, and one that fails for both is warned of once', async () => {
  const infoHashes = [new Uint8Array(20).fill(1), new Uint8Array(20).fill(2)]
  const warnings: string[] = []
  const url = 'gopher://tracker.example/announce'
  const kind = trackerFinders(host, { tiers: [[url]], toAll: false })
  const finder = kind.finderFor(
    {
      infoHashes,
      isPrivate: false,
      stats: () => ({ uploaded: 0, downloaded: 0, left: 0, isPartialSeed: false }),
    },
    { found: () => assert.fail(), onWarning: code => warnings.push(code) },
  )
  assert.equal(kind.source, 'tracker')
  finder.start()
  while (warnings.length === 0) await settled()
  await settled()
  assert.deepEqual(warnings, ['unsupported-scheme'])
  const { status } = finder
  assert.ok(status.type === 'trackers')
  assert.deepEqual(
    status.swarms.map(({ infoHash, trackers }) => [infoHash, trackers.map(({ state }) => state.type)]),
    infoHashes.map(infoHash => [infoHash, ['failing']]),
  )
  await finder.stop()
})

it('the trackers of a torrent hear of its second swarm once its metainfo has come', async () => {
  const infoHashes = [new Uint8Array(20).fill(1), new Uint8Array(20).fill(2)]
  const finder = trackerFinders(host, {
    tiers: [['gopher://tracker.example/announce']],
    toAll: false,
  }).finderFor(
    {
      infoHashes: infoHashes.slice(0, 1),
      isPrivate: false,
      stats: () => ({ uploaded: 0, downloaded: 0, left: 1, isPartialSeed: false }),
    },
    { found: () => assert.fail(), onWarning: () => {} },
  )
  finder.start()
  finder.resolved?.(infoHashes)
  finder.resolved?.(infoHashes)
  for (;;) {
    const { status } = finder
    assert.ok(status.type === 'trackers')
    assert.deepEqual(
      status.swarms.map(({ infoHash }) => infoHash),
      infoHashes,
    )
    // Each is asked, and cannot be.
    if (status.swarms.every(({ trackers }) => trackers[0]?.state.type === 'failing')) break
    await settled()
  }
  await finder.stop()
})
