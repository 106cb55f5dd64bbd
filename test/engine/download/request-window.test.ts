// How many blocks are asked of a peer at a time: of its rate, of its line, and of what it says of itself (BEP 10: `reqq`).

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MAX_WINDOW, MIN_WINDOW, RequestWindow } from '../../../src/engine/download/request-window.js'
import { BLOCK_LENGTH } from '../../../src/protocol/metainfo/metainfo.js'

/** What is said where a peer states no `reqq`, and what is never exceeded where the line is short. */
const COMMON = 500

interface LineOptions {
  /** There and back, milliseconds. */
  readonly roundTripMs: number
  readonly blocksPerSecond: number
  readonly window?: RequestWindow
}

/** A peer at the other end of a line, in virtual time: it answers all requests in order, at its rate, and is asked as the downloader asks. */
class LinePeer {
  readonly window: RequestWindow
  roundTripMs: number
  blocksPerSecond: number
  received = 0
  #now = 0
  #lastReceived = 0
  #sentAt = 0
  /** When the blocks that were asked for arrive. */
  readonly #arrivals: number[] = []

  constructor({ roundTripMs, blocksPerSecond, window = new RequestWindow() }: LineOptions) {
    this.roundTripMs = roundTripMs
    this.blocksPerSecond = blocksPerSecond
    this.window = window
    this.#ask()
  }

  /** Lets time pass; a shorter time is one without a change of second. */
  run(ms: number): this {
    const end = this.#now + ms
    while (this.#now < end) {
      const nextSecond = (Math.floor(this.#now / 1_000) + 1) * 1_000
      const next = Math.min(end, nextSecond, this.#arrivals[0] ?? end)
      this.#now = next
      while ((this.#arrivals[0] ?? Number.POSITIVE_INFINITY) <= next) {
        this.#arrivals.shift()
        this.received++
        this.window.onBlock(next)
        this.#ask()
      }
      if (next === nextSecond) this.#endSecond()
    }
    return this
  }

  #endSecond(): void {
    this.window.onSecond((this.received - this.#lastReceived) * BLOCK_LENGTH)
    this.#lastReceived = this.received
    this.#ask()
  }

  #ask(): void {
    const before = this.#arrivals.length
    for (let count = this.window.size - before; count > 0; count--) {
      this.#sentAt = Math.max(this.#sentAt, this.#now + this.roundTripMs / 2) + 1_000 / this.blocksPerSecond
      this.#arrivals.push(this.#sentAt + this.roundTripMs / 2)
    }
    this.window.onAsked(before, this.#arrivals.length, this.#now)
  }
}

/** The window of a peer that states how many requests it keeps. */
function stating(requests: number): RequestWindow {
  const window = new RequestWindow()
  window.limitTo(requests)
  return window
}

describe('the request window', () => {
  it('begins with two blocks', () => {
    assert.equal(new RequestWindow().size, 2)
  })

  it('holds three seconds of a steady rate, and never less than two blocks', () => {
    assert.equal(new LinePeer({ roundTripMs: 100, blocksPerSecond: 10 }).run(20_000).window.size, 30)
    assert.equal(new LinePeer({ roundTripMs: 100, blocksPerSecond: 0.1 }).run(60_000).window.size, MIN_WINDOW)
  })

  it('doubles each round trip in slow start, where the peer is slow', () => {
    const peer = new LinePeer({ roundTripMs: 900, blocksPerSecond: 1e6 })
    const sizes = [1, 2, 3, 4].map(() => peer.run(910).window.size)
    assert.deepEqual(sizes, [4, 8, 16, 32])
  })

  it('grows fourfold each round trip in slow start, once the blocks of a window came at 1 MiB/s or more', () => {
    const peer = new LinePeer({ roundTripMs: 200, blocksPerSecond: 1e6, window: stating(10_000) })
    const sizes = [1, 2, 3, 4, 5, 6].map(() => peer.run(205).window.size)
    assert.deepEqual(sizes, [4, 16, 64, 256, 1_024, 4_000])
  })

  it('fills a line of 100 MB/s and 200 ms within two seconds', () => {
    const blocksPerSecond = 100e6 / BLOCK_LENGTH
    const peer = new LinePeer({ roundTripMs: 200, blocksPerSecond, window: stating(10_000) }).run(2_000)
    const before = peer.received
    peer.run(1_000)
    assert.ok(peer.received - before > 0.99 * blocksPerSecond, `${peer.received - before} blocks in a second`)
  })

  it('holds no more than four round trips of a long fast line, and falls once the blocks of a window were slower', () => {
    const peer = new LinePeer({ roundTripMs: 200, blocksPerSecond: 2_000, window: stating(10_000) })
    peer.run(10_000)
    assert.ok(peer.window.size >= 2 * 400 && peer.window.size <= 4 * 405, `${peer.window.size}`)
    peer.blocksPerSecond = 500
    peer.run(10_000)
    assert.ok(peer.window.size <= COMMON + 1, `${peer.window.size}`)
  })

  it('holds at most 500 blocks where the line is short, however fast it is', () => {
    for (const blocksPerSecond of [5_000, 50_000]) {
      const peer = new LinePeer({ roundTripMs: 1, blocksPerSecond, window: stating(10_000) })
      assert.equal(peer.run(1_000).run(5_000).window.size, COMMON)
    }
  })

  it('never exceeds what the peer states, 500 where it states nothing, and 4,000', () => {
    const sizeOf = (window?: RequestWindow) =>
      new LinePeer({ roundTripMs: 400, blocksPerSecond: 1e6, ...(window && { window }) }).run(9_000).window
        .size
    assert.equal(sizeOf(stating(20)), 20)
    assert.equal(sizeOf(stating(1_500)), 1_500)
    assert.equal(sizeOf(), COMMON)
    assert.equal(sizeOf(stating(2 ** 31)), MAX_WINDOW)
  })

  it('is one block while a peer snubs us, until a block comes', () => {
    const window = stating(20)
    window.onAsked(0, 2, 0)
    window.snub()
    assert.equal(window.size, 1)
    assert.deepEqual([window.takeProbe(), window.takeProbe()], [true, false])
    window.onBlock(31_000)
    assert.ok(window.size >= MIN_WINDOW)
  })

  it('is no larger after a choke than what the peer sent before it', () => {
    const { window } = new LinePeer({ roundTripMs: 1, blocksPerSecond: 1_000 }).run(2_000)
    assert.equal(window.size, COMMON)
    window.startOver(40)
    assert.equal(window.size, 40)
    window.startOver(0)
    assert.equal(window.size, MIN_WINDOW)
  })

  it('does not take a pause for a slow line: what is asked for after it is a new round trip', () => {
    const window = stating(10_000)
    window.onAsked(0, 16, 0)
    for (let block = 0; block < 15; block++) window.onBlock(100)
    // The last one was rejected; nothing was asked for during a minute.
    window.onAsked(0, 16, 60_000)
    const before = window.size
    for (let block = 0; block < 16; block++) window.onBlock(60_100)
    window.onAsked(0, 16, 60_100)
    window.onBlock(60_200)
    assert.equal(window.size, before + 16 + 3)
  })
})
