import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SeededRandom } from '../../../src/base/random.js'
import { Choker, type ChokerMoment, type ChokerOptions, ROUND_MS } from '../../../src/engine/upload/choker.js'
import { type FakePeer, fakePeer } from './choking/fake-peer.js'

const CREDIT = 50_000
const QUOTA = 1_000_000
const HOUR = 3_600_000

/** A choker and its peers, in time. */
class TestSwarm {
  readonly choker: Choker<FakePeer>
  readonly peers: FakePeer[]
  isSeeding: boolean
  isSpread = true
  now = HOUR

  constructor(
    peers: FakePeer[],
    options: Partial<ChokerOptions> & { isSeeding?: boolean; seed?: number } = {},
  ) {
    const { slots = 5, seedChoker = 'round-robin', isSeeding = false, seed = 1 } = options
    this.peers = peers
    this.isSeeding = isSeeding
    this.choker = new Choker<FakePeer>(
      { slots, seedChoker },
      { credit: CREDIT, quota: QUOTA },
      new SeededRandom(seed),
    )
  }

  /** One round, in which every peer gives, and unchoked peers take. */
  round(): string[] {
    for (const peer of this.peers) {
      peer.received.total += peer.gives
      if (this.choker.isUnchoked(peer)) peer.sent.total += peer.takes
    }
    this.now += ROUND_MS
    this.choker.onSecond(this.peers, this.now)
    this.choker.round(this.peers, this.#moment)
    return this.unchoked
  }

  rounds(count: number): string[] {
    for (let i = 1; i < count; i++) this.round()
    return this.round()
  }

  fillVacancies(): string[] {
    this.choker.fillVacancies(this.peers, this.#moment)
    return this.unchoked
  }

  get #moment(): ChokerMoment<FakePeer> {
    const { now, isSeeding, isSpread } = this
    return { now, isSeeding, isSpread, withholds: () => false }
  }

  get unchoked(): string[] {
    return this.peers.filter(peer => this.choker.isUnchoked(peer)).map(peer => peer.name)
  }
}

const LEECHING: { title: string; peers: FakePeer[]; slots: number; regular: string[] }[] = [
  {
    title: 'regular slots go to the peers that send us most',
    peers: [1, 5, 3, 9, 2].map(gives => fakePeer(`${gives}`, { gives, takes: 10 - gives })),
    slots: 3,
    regular: ['5', '9'],
  },
  {
    title: 'a peer that is not interested gets no slot',
    peers: [fakePeer('a', { isInterested: false, gives: 9 }), fakePeer('b', { gives: 1 }), fakePeer('c')],
    slots: 2,
    regular: ['b', 'c'],
  },
  {
    title: 'a peer that snubs us gets no regular slot',
    peers: [
      fakePeer('snub', { isSnubbed: true, gives: 100 }),
      fakePeer('a', { gives: 2 }),
      fakePeer('b', { gives: 1 }),
    ],
    slots: 2,
    regular: ['a'],
  },
  {
    title: 'a slot for which no peer qualifies is not left empty',
    peers: [fakePeer('a')],
    slots: 5,
    regular: ['a'],
  },
  { title: 'without peers none is unchoked', peers: [], slots: 5, regular: [] },
]

for (const { title, peers, slots, regular } of LEECHING) {
  test(`leeching: ${title}`, () => {
    const swarm = new TestSwarm(peers, { slots })
    // The third round knows what they gave in the two before.
    const unchoked = swarm.rounds(3)
    for (const name of regular) assert.ok(unchoked.includes(name), `${name} is not among ${unchoked}`)
    assert.ok(unchoked.length <= slots)
  })
}

test('leeching: one slot of five is an optimistic unchoke, of three rounds each', () => {
  const best = [1, 2, 3, 4].map(i => fakePeer(`best${i}`, { gives: 100 }))
  const others = Array.from({ length: 10 }, (_, i) => fakePeer(`other${i}`, { gives: 1 }))
  const swarm = new TestSwarm([...best, ...others], { seed: 5 })
  swarm.rounds(3)
  const optimistic: string[] = []
  for (let round = 0; round < 300; round++) {
    const unchoked = swarm.round()
    assert.equal(unchoked.length, 5)
    assert.deepEqual(
      unchoked.filter(name => name.startsWith('best')),
      best.map(peer => peer.name),
    )
    optimistic.push(unchoked.find(name => name.startsWith('other'))!)
  }
  // It is not known when the first one began; from its end on it changes every three rounds.
  const first = optimistic.findIndex(name => name !== optimistic[0])
  for (let round = first; round + 3 <= 300; round += 3) {
    assert.deepEqual(optimistic.slice(round, round + 3), new Array(3).fill(optimistic[round]))
  }
  assert.equal(new Set(optimistic).size, 10)
})

test('leeching: an optimistically unchoked peer that gives more than others gets a regular slot', () => {
  const givers = [1, 2, 3, 4].map(i => fakePeer(`giver${i}`, { gives: 10 * i }))
  const newPeer = fakePeer('new')
  const swarm = new TestSwarm([...givers, newPeer])
  assert.ok(swarm.rounds(3).includes('new'), 'no other peer is there for the optimistic slot')
  newPeer.gives = 1_000
  swarm.peers.push(...Array.from({ length: 20 }, (_, i) => fakePeer(`late${i}`)))
  swarm.rounds(2)
  for (let round = 0; round < 10; round++) assert.ok(swarm.round().includes('new'))
})

test('leeching: a new peer is three times as likely to be optimistically unchoked', () => {
  let tries = 0
  for (let seed = 0; seed < 3_000; seed++) {
    const old = [fakePeer('a'), fakePeer('b'), fakePeer('c')]
    const newPeer = fakePeer('new', { connectedAt: HOUR })
    const swarm = new TestSwarm([...old, newPeer], { slots: 1, seed })
    if (swarm.round().includes('new')) tries++
  }
  // Half of all: its weight is 3 of 6.
  assert.ok(tries > 1_350 && tries < 1_650, `${tries} of 3000`)
})

test('leeching: a peer in deficit loses its optimistic unchoke, and rarely gets another', () => {
  const givers = [1, 2, 3, 4].map(i => fakePeer(`giver${i}`, { gives: 100 }))
  const takers = [1, 2, 3].map(i => fakePeer(`taker${i}`, { takes: CREDIT }))
  const poor = fakePeer('poor', { gives: 1, takes: 8 })
  const swarm = new TestSwarm([...givers, ...takers, poor], { seed: 4 })
  swarm.rounds(3)
  let takerRounds = 0
  for (let round = 0; round < 300; round++) {
    if (swarm.round().some(name => name.startsWith('taker'))) takerRounds++
  }
  // A weight of 3 in 19, for one round at a time where the poor one has three.
  assert.ok(takerRounds > 0 && takerRounds < 60, `${takerRounds} of 300`)
})

test('leeching: a peer in deficit is served where no other waits', () => {
  const swarm = new TestSwarm([fakePeer('taker', { takes: 100 * CREDIT })], { slots: 1 })
  for (let round = 0; round < 20; round++) assert.deepEqual(swarm.round(), ['taker'])
})

test('leeching: once the credit is used up, the optimistic slot goes to another peer within the round, where one waits', () => {
  const first = fakePeer('first')
  const swarm = new TestSwarm([first], { slots: 1 })
  assert.deepEqual(swarm.round(), ['first'])
  first.sent.total = CREDIT
  assert.deepEqual(swarm.fillVacancies(), ['first'])
  swarm.peers.push(fakePeer('late'))
  assert.deepEqual(swarm.fillVacancies(), ['late'])
})

test('leeching with one slot: it is regular in four rounds of five, and optimistic in the fifth', () => {
  const giver = fakePeer('giver', { gives: 1_000_000 })
  const others = Array.from({ length: 10 }, (_, i) => fakePeer(`other${i}`, { gives: 1_000 }))
  const swarm = new TestSwarm([...others, giver], { slots: 1 })
  swarm.rounds(3)
  const counts = new Map<string, number>()
  for (let round = 0; round < 300; round++) {
    const unchoked = swarm.round()
    assert.equal(unchoked.length, 1)
    counts.set(unchoked[0]!, (counts.get(unchoked[0]!) ?? 0) + 1)
  }
  assert.equal(counts.get('giver'), 240)
  assert.equal(counts.size, 11)
})

test('leeching with one slot: a peer that gives keeps it where there is no other', () => {
  const swarm = new TestSwarm([fakePeer('giver', { gives: 1_000_000 })], { slots: 1 })
  for (let round = 0; round < 20; round++) assert.deepEqual(swarm.round(), ['giver'])
})

test('leeching: an idle peer that gives keeps its slot, one that gave nothing loses its turn after ten seconds', () => {
  const giver = fakePeer('giver', { gives: 1_000, uploadQueue: { length: 0 } })
  const idle = fakePeer('idle', { uploadQueue: { length: 0 } })
  const swarm = new TestSwarm([giver, idle], { slots: 2 })
  assert.deepEqual(swarm.rounds(3), ['giver', 'idle'])
  swarm.peers.push(fakePeer('late', { connectedAt: swarm.now }))
  swarm.fillVacancies()
  assert.ok(!swarm.choker.isUnchoked(idle))
  assert.ok(swarm.choker.isUnchoked(giver))
  assert.ok(swarm.choker.isPenalized(idle, swarm.now) && !swarm.choker.isPenalized(idle, swarm.now + 30_000))
})

test('two slots: one is regular, one optimistic', () => {
  const giver = fakePeer('giver', { gives: 1_000_000 })
  const others = Array.from({ length: 4 }, (_, i) => fakePeer(`other${i}`, { gives: 1 }))
  const swarm = new TestSwarm([giver, ...others], { slots: 2 })
  swarm.rounds(3)
  for (let round = 0; round < 50; round++) {
    const unchoked = swarm.round()
    assert.ok(unchoked.length === 2 && unchoked.includes('giver'), `${unchoked}`)
  }
})

test('seeding, round-robin: the peers of one address share its turns while others wait', () => {
  const many = Array.from({ length: 20 }, (_, i) => fakePeer(`many${i}`, { group: 'host', takes: QUOTA / 5 }))
  const few = [1, 2, 3, 4].map(i => fakePeer(`few${i}`, { takes: QUOTA / 5 }))
  const swarm = new TestSwarm([...many, ...few], { isSeeding: true, slots: 5 })
  swarm.rounds(3)
  for (let round = 0; round < 30; round++) {
    const unchoked = swarm.round()
    assert.equal(unchoked.filter(name => name.startsWith('many')).length, 1, `${unchoked}`)
  }
})

test('seeding, round-robin: a peer that reconnects under another name has the same place in the order', () => {
  const peers = ['a', 'b', 'c'].map(name => fakePeer(name, { takes: QUOTA }))
  const swarm = new TestSwarm(peers, { isSeeding: true, slots: 1 })
  const [first] = swarm.rounds(3)
  const leaver = peers.find(({ name }) => name === first)!
  swarm.choker.forget(leaver, swarm.now)
  peers[peers.indexOf(leaver)] = fakePeer('again', {
    group: leaver.group,
    takes: QUOTA,
    connectedAt: swarm.now,
  })
  const served = new Set<string>()
  while (served.size < 3) served.add(swarm.round()[0]!)
  assert.equal([...served].at(-1), 'again')
})

test('a slot that becomes free is given away at once, by what peers gave before', () => {
  const peers = [9, 8, 7, 6, 5, 4].map(gives => fakePeer(`${gives}`, { gives }))
  const swarm = new TestSwarm(peers)
  const unchoked = swarm.rounds(3)
  assert.deepEqual(unchoked.slice(0, 4), ['9', '8', '7', '6'])
  const [, second] = peers
  second!.isInterested = false
  swarm.choker.release(second!)
  assert.deepEqual(swarm.fillVacancies(), ['9', '7', '6', '5', '4'])
  assert.equal(swarm.choker.unchokedCount, 5)
})

test('seeding, round-robin: every peer has a turn, and keeps it until it was sent its quota', () => {
  const peers = Array.from({ length: 12 }, (_, i) => fakePeer(`p${i}`, { takes: QUOTA / 5 }))
  const swarm = new TestSwarm(peers, { isSeeding: true, slots: 3 })
  const turns = new Map<string, number>()
  let before: string[] = []
  for (let round = 0; round < 60; round++) {
    const unchoked = swarm.round()
    assert.equal(unchoked.length, 3)
    for (const name of unchoked) if (!before.includes(name)) turns.set(name, (turns.get(name) ?? 0) + 1)
    before = unchoked
  }
  // A turn takes five rounds, the four groups take turns.
  assert.deepEqual(
    [...turns.values()],
    peers.map(() => 3),
  )
})

test('seeding, round-robin: a peer that lacks more is served sooner, and none waits much longer than ten minutes', () => {
  const ahead = fakePeer('ahead', { takes: QUOTA, pieces: { count: 90, length: 100 } })
  const behind = [1, 2, 3, 4].map(i => fakePeer(`behind${i}`, { takes: QUOTA }))
  const swarm = new TestSwarm([ahead, ...behind], { isSeeding: true, slots: 1 })
  const gaps: number[] = []
  let gap = 0
  for (let round = 0; round < 600; round++) {
    const [served] = swarm.round()
    gap++
    if (served !== 'ahead') continue
    if (gap > 1) gaps.push(gap)
    gap = 0
  }
  // Between two of its turns all others had several: a turn takes three rounds.
  assert.ok(gaps.length > 5)
  for (const [i, each] of gaps.entries()) {
    if (i === 0) continue
    assert.ok(each > 2 * 4 * 3 && each * ROUND_MS <= 600_000 + 4 * 30_000 + ROUND_MS, `${each} rounds`)
  }
})

test('seeding, round-robin: while only we have some pieces, all peers have the same number of turns', () => {
  const ahead = fakePeer('ahead', { takes: QUOTA, pieces: { count: 90, length: 100 } })
  const behind = [1, 2, 3, 4].map(i => fakePeer(`behind${i}`, { takes: QUOTA }))
  const swarm = new TestSwarm([ahead, ...behind], { isSeeding: true, slots: 1 })
  swarm.isSpread = false
  const rounds = new Map<string, number>()
  for (let round = 0; round < 5 * 3 * 4; round++) {
    for (const name of swarm.round()) rounds.set(name, (rounds.get(name) ?? 0) + 1)
  }
  assert.deepEqual([...rounds.values()], [12, 12, 12, 12, 12])
})

test('seeding, round-robin: a peer that takes next to nothing loses its slot after five minutes', () => {
  const slow = fakePeer('slow', { takes: 1 })
  const swarm = new TestSwarm([slow, fakePeer('other', { takes: 1 })], { isSeeding: true, slots: 1 })
  assert.deepEqual(swarm.round(), ['slow'])
  assert.deepEqual(swarm.rounds(29), ['slow'])
  assert.deepEqual(swarm.round(), ['other'])
})

test('seeding, fastest: the slots go to the peers that take most, which optimistic unchokes find', () => {
  const peers = [1, 5, 3, 9, 2, 8, 7, 6].map(takes => fakePeer(`${takes}`, { takes, gives: 10 - takes }))
  const swarm = new TestSwarm(peers, { isSeeding: true, seedChoker: 'fastest', seed: 3 })
  const unchoked = swarm.rounds(60)
  for (const name of ['9', '8', '7', '6'])
    assert.ok(unchoked.includes(name), `${name} is not among ${unchoked}`)
})

test('a peer that leaves is forgotten, and its slot free', () => {
  const peers = [fakePeer('a'), fakePeer('b')]
  const swarm = new TestSwarm(peers, { slots: 1 })
  const [first] = swarm.round()
  const leaver = peers.find(peer => peer.name === first)!
  peers.splice(peers.indexOf(leaver), 1)
  swarm.choker.forget(leaver, swarm.now)
  assert.equal(swarm.choker.unchokedCount, 0)
  assert.deepEqual(swarm.fillVacancies(), [peers[0]!.name])
})
