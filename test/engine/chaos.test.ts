// Whole swarms in virtual time with many random faults. A failure prints the seed that replays it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SeededRandom } from '../../src/base/random.js'
import { formatAddress, type PeerAddress } from '../../src/protocol/peer-address.js'
import { type Faults, Node, Post, plainInfo, tryJoin } from './support/joined-engines.js'

interface Shape {
  readonly seed: number
  readonly pieces: number
  readonly leechers: number
  readonly liars: number
  readonly hasFast: boolean
  readonly pick: 'random' | 'rarest' | 'sequential'
  readonly faults: Pick<Faults, 'refuse' | 'forget' | 'delayMs' | 'blockMs'>
  /** Chance each second that a connection is cut. */
  readonly cut: number
}

/** A swarm whose members find each other, lose each other, and find each other again. */
class Swarm {
  readonly post = new Post()
  readonly nodes: Node[] = []
  readonly #random: SeededRandom
  readonly #shape: Shape
  readonly #byAddress = new Map<string, Node>()
  readonly #connections = new Set<() => void>()
  cuts = 0

  constructor(shape: Shape) {
    this.#shape = shape
    this.#random = new SeededRandom(shape.seed)
    const { faults } = shape
    this.#add({ isSeed: true, faults })
    for (let i = 0; i < shape.leechers; i++) this.#add({ isSeed: false, faults })
    for (let i = 0; i < shape.liars; i++) this.#add({ isSeed: true, faults: { ...faults, lie: 0.2 } })
    for (const node of this.nodes) {
      node.torrent.addCandidates(
        this.nodes.filter(other => other !== node).map(({ address }) => address),
        'tracker',
      )
    }
  }

  get leechers(): Node[] {
    return this.nodes.slice(1, 1 + this.#shape.leechers)
  }

  get liars(): Node[] {
    return this.nodes.slice(1 + this.#shape.leechers)
  }

  second(): void {
    for (const cut of this.#connections) {
      if (this.#random.below(1_000) >= this.#shape.cut * 1_000) continue
      this.#connections.delete(cut)
      this.cuts++
      cut()
    }
    this.post.advance(1_000)
    for (const node of this.nodes) node.torrent.onSecond()
    this.post.settle()
  }

  #add(options: { isSeed: boolean; faults: Partial<Faults> }): void {
    const { pieces, pick } = this.#shape
    const info = plainInfo(pieces)
    const random = new SeededRandom(this.#random.below(2 ** 32))
    const dial = (from: Node, address: PeerAddress) =>
      this.post.send(() => this.#connect(from, address), this.post.now + this.#random.below(500))
    const node = new Node({ post: this.post, info, random, pick, dial, ...options })
    this.nodes.push(node)
    this.#byAddress.set(formatAddress(node.address), node)
  }

  #connect(from: Node, address: PeerAddress): void {
    const to = this.#byAddress.get(formatAddress(address))
    const isReached = to !== undefined && this.#random.below(10) > 0
    const joined = isReached ? tryJoin(from, to, { fast: this.#shape.hasFast }) : undefined
    if (joined !== undefined) this.#connections.add(joined.cut)
    else from.torrent.connectFailed(address, 'unreachable')
  }
}

const shapes: fc.Arbitrary<Shape> = fc.record({
  seed: fc.nat(),
  pieces: fc.integer({ min: 1, max: 60 }),
  leechers: fc.integer({ min: 1, max: 6 }),
  liars: fc.nat({ max: 2 }),
  hasFast: fc.boolean(),
  pick: fc.constantFrom('random', 'rarest', 'sequential'),
  faults: fc.record({
    refuse: fc.constantFrom(0, 0.02, 0.3),
    forget: fc.constantFrom(0, 0.01, 0.1),
    delayMs: fc.constantFrom(0, 20, 300),
    blockMs: fc.constantFrom(0, 5, 100),
  }),
  cut: fc.constantFrom(0, 0.01, 0.05),
})

test('every honest leecher completes, every byte is counted, and nothing is left behind', () => {
  const injected = { lie: 0, refuse: 0, forget: 0, cut: 0 }
  fc.assert(
    fc.property(shapes, shape => {
      const swarm = new Swarm(shape)
      let seconds = 0
      while (!swarm.leechers.every(({ isCompleted }) => isCompleted)) {
        assert.ok(seconds++ < 7_200, 'a download stopped')
        swarm.second()
      }
      for (const leecher of swarm.leechers) {
        const { downloader, picker, peers, candidates } = leecher.torrent
        assert.equal(downloader.received.total - downloader.wastedBytes, plainInfo(shape.pieces).size)
        assert.equal(picker.isEndgame, false)
        const liars = new Set(swarm.liars.map(({ address }) => address.host))
        for (const { host } of leecher.banned) assert.ok(liars.has(host), `${host} was banned unfairly`)
        for (const { reason, detail } of leecher.closed) {
          assert.ok(reason !== 'unasked-block' && reason !== 'protocol-error', `${reason}: ${detail}`)
        }
        for (const peer of peers) {
          assert.equal(peer.lackingCount, 0)
          assert.equal(peer.isWanted, false)
        }
        for (const peer of [...peers]) leecher.torrent.dropPeer(peer, 'stopped', 'end of the test')
        assert.equal(candidates.size >= swarm.nodes.length - 1, true)
      }
      for (const node of swarm.nodes) {
        for (const kind of ['lie', 'refuse', 'forget'] as const) injected[kind] += node.injected[kind]
      }
      injected.cut += swarm.cuts
    }),
    { numRuns: 60, includeErrorInReport: true },
  )
  for (const [kind, count] of Object.entries(injected)) assert.ok(count > 0, `no fault of kind ${kind}`)
})

test('requests to a peer that left some unanswered and then rejects others are made again until all pieces are here', () => {
  for (let seed = 1; seed <= 12; seed++) {
    const faults = { refuse: 0.3, forget: 0.1, delayMs: 300, blockMs: 5 }
    const shape = { seed, pieces: 32, leechers: 1, liars: 2, hasFast: true, faults, cut: 0 }
    const swarm = new Swarm({ ...shape, pick: 'random' })
    let seconds = 0
    while (!swarm.leechers.every(({ isCompleted }) => isCompleted)) {
      assert.ok(seconds++ < 7_200, `a download stopped, seed ${seed}`)
      swarm.second()
    }
  }
})
