// Peers that have slots and do not use them, and one honest leecher among them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SeededRandom } from '../../../src/base/random.js'
import { Choker, ROUND_MS } from '../../../src/engine/upload/choker.js'
import { type FakePeer, fakePeer } from './choking/fake-peer.js'

const BLOCK = 16_384
const SECOND = 1_000
const START = 3_600_000
const NEXT_TURN_MS = 15 * SECOND

interface Attacker {
  readonly peer: FakePeer
  readonly behaviour: Behaviour
}

/** What an attacker does in a second. */
type Behaviour = (peer: FakePeer, isUnchoked: boolean, crowd: Crowd) => void

/** Bytes that the buffers of a connection take although the peer does not read. */
const BUFFERS = 4 * 2 ** 20

const BEHAVIOURS: Record<string, Behaviour> = {
  'requests blocks and reads nothing': (peer, isUnchoked) => {
    peer.uploadQueue.length = isUnchoked ? 100 : 0
    if (!isUnchoked || peer.sent.total > 0) return
    peer.sent.total += BUFFERS + 10 * BLOCK
    peer.link.waitingBytes = 10 * BLOCK
  },
  'never requests anything': peer => {
    peer.uploadQueue.length = 0
  },
  'reads one byte a second': (peer, isUnchoked) => {
    peer.uploadQueue.length = isUnchoked ? 100 : 0
    if (isUnchoked && peer.sent.total === 0) {
      peer.sent.total += BUFFERS + 10 * BLOCK
      peer.link.waitingBytes = 10 * BLOCK
    } else if (peer.link.waitingBytes > 0) peer.link.waitingBytes--
  },
  'changes its interest every second': (peer, _isUnchoked, { now }) => {
    peer.uploadQueue.length = 0
    peer.isInterested = (now / SECOND) % 2 === 0
  },
  'reconnects under another name when it is choked': (peer, isUnchoked, crowd) => {
    peer.uploadQueue.length = isUnchoked ? 100 : 0
    if (isUnchoked) {
      if (peer.sent.total === 0) peer.sent.total = 10 * BLOCK
      peer.link.waitingBytes = 10 * BLOCK
    } else if (peer.sent.total > 0) {
      crowd.reconnect(peer)
    }
  },
}

/** A choker with many peers, a second at a time, as the uploader calls it. */
class Crowd {
  now = START
  readonly choker: Choker<FakePeer>
  readonly #isSeeding: boolean
  readonly #attackers: Attacker[] = []
  readonly honest: FakePeer[] = []
  #nextRound = START

  constructor(options: { slots?: number; isSeeding: boolean; seedChoker: 'round-robin' | 'fastest' }) {
    const { slots = 5, isSeeding, seedChoker } = options
    this.choker = new Choker(
      { slots, seedChoker },
      { credit: 500_000, quota: 5_000_000 },
      new SeededRandom(1),
    )
    this.#isSeeding = isSeeding
  }

  get peers(): FakePeer[] {
    return [...this.#attackers.map(({ peer }) => peer), ...this.honest]
  }

  attack(group: string, behaviour: Behaviour): void {
    const peer = fakePeer(`attacker ${this.#attackers.length}`, { group, connectedAt: this.now })
    this.#attackers.push({ peer, behaviour })
  }

  reconnect(peer: FakePeer): void {
    const index = this.#attackers.findIndex(attacker => attacker.peer === peer)
    const { behaviour } = this.#attackers[index]!
    this.choker.forget(peer, this.now)
    this.#attackers.splice(index, 1)
    this.attack(peer.group, behaviour)
  }

  join(): FakePeer {
    const peer = fakePeer('honest', { group: 'honest', connectedAt: this.now, uploadQueue: { length: 0 } })
    this.honest.push(peer)
    return peer
  }

  second(): void {
    for (const { peer, behaviour } of [...this.#attackers])
      behaviour(peer, this.choker.isUnchoked(peer), this)
    for (const peer of this.honest) {
      const isUnchoked = this.choker.isUnchoked(peer)
      peer.uploadQueue.length = isUnchoked ? 10 : 0
      if (isUnchoked) peer.sent.total += 10 * BLOCK
    }
    this.now += SECOND
    const { now } = this
    const moment = { now, isSeeding: this.#isSeeding, isSpread: true, withholds: () => false }
    this.choker.onSecond(this.peers, now)
    if (now >= this.#nextRound) {
      this.#nextRound = now + ROUND_MS
      this.choker.round(this.peers, moment)
    } else {
      this.choker.fillVacancies(this.peers, moment)
    }
  }

  /** Milliseconds until a peer is sent its first block, 300 s at most. */
  untilServed(peer: FakePeer): number {
    const from = this.now
    while (peer.sent.total === 0 && this.now - from < 300 * SECOND) this.second()
    return this.now - from
  }
}

const CHOKERS = [
  { name: 'leeching', isSeeding: false, seedChoker: 'round-robin' },
  { name: 'seeding, round-robin', isSeeding: true, seedChoker: 'round-robin' },
  { name: 'seeding, fastest', isSeeding: true, seedChoker: 'fastest' },
] as const

const CROWDS = [
  { name: 'of one host', group: () => 'host', count: 150 },
  { name: 'of as many hosts', group: (index: number) => `host ${index}`, count: 60 },
]

for (const choker of CHOKERS) {
  for (const [does, behaviour] of Object.entries(BEHAVIOURS)) {
    for (const { name, group, count } of CROWDS) {
      for (const before of [0, count / 2, count]) {
        for (const later of [0, 120]) {
          const when = `${before} of them before it, ${later} s after they began`
          test(`${choker.name}: ${count} peers ${name}, each ${does}; a leecher is served in 15 s, ${when}`, () => {
            const crowd = new Crowd(choker)
            const attack = (index: number) => crowd.attack(group(index), behaviour)
            for (let index = 0; index < before; index++) attack(index)
            for (let second = 0; second < later; second++) crowd.second()
            const honest = crowd.join()
            crowd.now++
            for (let index = before; index < count; index++) attack(index)
            const ms = crowd.untilServed(honest)
            assert.ok(ms <= NEXT_TURN_MS, `after ${ms / SECOND} s`)
          })
        }
      }
    }
  }
}

test('a peer that waits for us keeps its turn, however little we send it', () => {
  const crowd = new Crowd({ slots: 1, isSeeding: true, seedChoker: 'round-robin' })
  const slow = crowd.join()
  crowd.second()
  const waiting = fakePeer('waiting', { connectedAt: crowd.now })
  crowd.honest.push(waiting)
  for (let second = 0; second < 20; second++) {
    // Messages of the same turn are less than a block.
    slow.link.waitingBytes = 17
    slow.sent.total -= 10 * BLOCK
    crowd.second()
    assert.ok(crowd.choker.isUnchoked(slow), `after ${second} s`)
  }
})
