// Rates and fairness in virtual time: ten seconds of traffic, to the byte the same in each run.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { VirtualLine } from './virtual-line.js'

const RATES = [10_240, 102_400, 1_000_000, 100_000_000]
const SECONDS = 10

function assertWithin(part: number, actual: number, expected: number, what: string): void {
  const deviation = (actual / expected - 1) * 100
  assert.ok(Math.abs(deviation) <= part * 100, `${what}: ${deviation.toFixed(2)} % off`)
}

function sum(movers: readonly { readonly moved: number }[]): number {
  return movers.reduce((all, { moved }) => all + moved, 0)
}

describe('a limited rate', () => {
  for (const rate of RATES) {
    for (const peers of [1, 5, 50]) {
      it(`of ${rate} bytes a second is kept by ${peers} that send more`, () => {
        const line = new VirtualLine(rate)
        const lane = line.torrent()
        const movers = Array.from({ length: peers }, () => line.peer(lane))
        line.run(SECONDS)
        // What had come before anybody could know, and the turn that goes on.
        const slack = peers * 4_096 + Math.max(4_096, rate / 40)
        assert.ok(Math.abs(sum(movers) - rate * SECONDS) <= slack, `${sum(movers)}`)
      })

      it(`of ${rate} bytes a second is kept to ${peers} that take more`, () => {
        const line = new VirtualLine(rate)
        const lane = line.torrent()
        const movers = Array.from({ length: peers }, () => line.leecher(lane))
        line.run(SECONDS)
        assert.ok(Math.abs(sum(movers) - rate * SECONDS) <= Math.max(16_384, rate / 20), `${sum(movers)}`)
      })
    }
  }

  it('is even: at 100 KiB/s six blocks leave each second, and never eight', () => {
    const line = new VirtualLine(102_400)
    const leecher = line.leecher(line.torrent())
    line.run(1)
    for (let second = 1; second < SECONDS; second++) {
      const before = leecher.moved
      line.run(1)
      const blocks = (leecher.moved - before) / 16_384
      assert.ok(blocks >= 6 && blocks < 8, `${blocks}`)
    }
  })

  it('is what comes in small parts, too', () => {
    const line = new VirtualLine(1_000_000)
    const lane = line.torrent()
    const peers = Array.from({ length: 20 }, () => line.peer(lane, 200_000, 1_448))
    line.run(SECONDS)
    assertWithin(0.02, sum(peers), 1_000_000 * SECONDS, 'packets')
  })

  it('costs peers that stay below it nothing', () => {
    const line = new VirtualLine(1_000_000)
    const peers = Array.from({ length: 5 }, () => line.peer(line.torrent(), 100_000, 1_448))
    line.run(SECONDS)
    assertWithin(0.01, sum(peers), 500_000 * SECONDS, 'slow peers')
  })

  it('goes to the peers that need it, however many idle and slow ones there are', () => {
    for (const rate of [102_400, 100_000_000]) {
      const line = new VirtualLine(rate)
      const lane = line.torrent()
      const slow = Array.from({ length: 50 }, () => line.peer(lane, rate / 1_000, 64))
      const fast = line.peer(lane)
      line.run(SECONDS)
      assertWithin(0.05, sum(slow) + fast.moved, rate * SECONDS, `all at ${rate}`)
      assertWithin(0.05, sum(slow), (50 * rate * SECONDS) / 1_000, `the slow ones at ${rate}`)
    }
  })

  it('can be changed and lifted at any time', () => {
    const line = new VirtualLine(102_400)
    const peer = line.peer(line.torrent())
    line.run(SECONDS)
    line.throttle.setRate(1_024_000)
    const before = peer.moved
    line.run(SECONDS)
    assertWithin(0.02, peer.moved - before, 1_024_000 * SECONDS, 'the new rate')
    line.throttle.setRate(Number.POSITIVE_INFINITY)
    const limited = peer.moved
    line.run(1)
    assert.ok(peer.moved - limited > 100_000_000)
  })
})

describe('connections that share a rate', () => {
  it('get the same each, whatever the size of their parts', () => {
    for (const rate of RATES.slice(1)) {
      const line = new VirtualLine(rate)
      const lane = line.torrent()
      const movers = [
        line.peer(lane),
        line.peer(lane, Number.POSITIVE_INFINITY, 16_384),
        line.leecher(lane),
        line.leecher(lane, 131_072),
      ]
      line.run(4 * SECONDS)
      for (const { moved } of movers)
        assert.ok(Math.abs(moved - rate * SECONDS) < 0.05 * rate * SECONDS + 131_072, `${moved} at ${rate}`)
    }
  })

  it('are forgotten when they end: no other waits for them, and what they had goes back', () => {
    const line = new VirtualLine(1_000_000)
    const lane = line.torrent()
    const gone = Array.from({ length: 50 }, () => line.peer(lane))
    const stays = line.peer(lane)
    line.run(1)
    for (const peer of gone) line.end(peer)
    const before = stays.moved
    line.run(SECONDS)
    assert.ok(gone.every(({ flow }) => !flow.isWaiting))
    assertWithin(0.02, stays.moved - before, 1_000_000 * SECONDS, 'the remaining peer')
  })
})

describe('torrents that share a rate', () => {
  it('get the same each, however many peers they have', () => {
    for (const rate of RATES.slice(1)) {
      const line = new VirtualLine(rate)
      const torrents = [1, 2, 5, 20].map(peers => {
        const lane = line.torrent()
        return Array.from({ length: peers }, () => line.peer(lane))
      })
      line.run(1)
      const before = torrents.map(sum)
      line.run(4 * SECONDS)
      for (const [i, peers] of torrents.entries())
        assertWithin(0.02, sum(peers) - (before[i] ?? 0), rate * SECONDS, `${peers.length} peers`)
    }
  })

  it('keep their own limits, and the others have the rest', () => {
    const line = new VirtualLine(1_000_000)
    const own = line.peer(line.torrent(50_000))
    const others = [line.peer(line.torrent()), line.peer(line.torrent(10_000_000))]
    line.run(SECONDS)
    assertWithin(0.05, own.moved, 50_000 * SECONDS, 'its own limit')
    for (const { moved } of others) assertWithin(0.05, moved, 475_000 * SECONDS, 'the rest')
  })

  it('are not slowed by one whose peers stand still', () => {
    const line = new VirtualLine(1_000_000)
    const stalled = line.torrent()
    for (let i = 0; i < 50; i++) line.peer(stalled, 0)
    const peer = line.peer(line.torrent())
    line.run(SECONDS)
    assertWithin(0.02, peer.moved, 1_000_000 * SECONDS, 'the other')
  })

  it('have limits of their own where the session has none', () => {
    const line = new VirtualLine(Number.POSITIVE_INFINITY)
    const slow = line.leecher(line.torrent(102_400))
    line.run(SECONDS)
    assertWithin(0.02, slow.moved, 102_400 * SECONDS, 'the limited one')
    assert.ok(!line.torrent().isLimited)
  })
})
