import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SeededRandom } from '../../src/base/random.js'
import { announceTransport } from '../../src/discovery/announce-transport.js'
import { Announcer } from '../../src/discovery/announcer.js'
import type { PeerAddress } from '../../src/protocol/peer-address.js'
import { TrackerServer } from '../../src/tracker/tracker-server.js'
import { MemoryLine } from '../discovery/udp/memory-line.js'

/** An announcer as a session has it, and the first peers that it is given. */
function session(url: string, port: number, left: number) {
  const stats = { uploaded: 0, downloaded: 0, left, isPartialSeed: false }
  let give: (peers: readonly PeerAddress[]) => void = () => {}
  let working: () => void = () => {}
  const peers = new Promise<readonly PeerAddress[]>(resolve => {
    give = resolve
  })
  const isWorking = new Promise<void>(resolve => {
    working = resolve
  })
  const announcer = new Announcer({
    tiers: [[url]],
    infoHash: new Uint8Array(20).fill(0x25),
    peerId: new Uint8Array(20).fill(port & 0xff),
    port,
    key: port,
    random: new SeededRandom(port),
    transport: announceTransport(new MemoryLine().trackers),
    stats: () => stats,
    onPeers: found => give(found),
    onWarning: ({ message }) => assert.fail(message),
    onStatus: ({ state }) => {
      if (state.type === 'working') working()
    },
  })
  announcer.wantsPeers(left > 0)
  return { announcer, stats, peers, isWorking }
}

describe('a seeder and a leecher that know one tracker', () => {
  it('meet, and leave nothing behind when they go', async () => {
    const events: string[] = []
    await using server = await TrackerServer.listen({
      port: 0,
      bind: '127.0.0.1',
      onAnnounce: ({ request, complete, incomplete }) =>
        events.push(`${request.port} ${request.event}: ${complete} seeders, ${incomplete} leechers`),
    })
    const seeder = session(server.url, 1001, 0)
    seeder.announcer.start()
    await seeder.isWorking
    const leecher = session(server.url, 1002, 1000)
    leecher.announcer.start()
    assert.deepEqual(await leecher.peers, [{ host: '127.0.0.1', port: 1001 }])
    leecher.stats.left = 0
    leecher.announcer.completed()
    await leecher.announcer.stop()
    await seeder.announcer.stop()
    assert.deepEqual(events, [
      '1001 started: 1 seeders, 0 leechers',
      '1002 started: 1 seeders, 1 leechers',
      '1002 completed: 2 seeders, 0 leechers',
      '1002 stopped: 1 seeders, 0 leechers',
      '1001 stopped: 0 seeders, 0 leechers',
    ])
  })
})
