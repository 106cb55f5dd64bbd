import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SeededRandom } from '../../../src/base/random.js'
import { Choker, type ChokerMoment, type ChokerOptions, ROUND_MS } from '../../../src/engine/upload/choker.js'
import { type Someone, someone } from './choking/someone.js'

const CREDIT = 50_000
const QUOTA = 1_000_000
const HOUR = 3_600_000

/** A choker and its peers, in time. */
class Party {
  readonly choker: Choker<Someone>
  readonly peers: Someone[]
  isSeeding: boolean
  isSpread = true
  now = HOUR

  constructor(
    peers: Someone[],
    options: Partial<ChokerOptions> & { isSeeding?: boolean; seed?: number } = {},
  ) {
    const { slots = 5, seedChoker = 'round-robin', isSeeding = false, seed = 1 } = options
    this.peers = peers
    this.isSeeding = isSeeding
    this.choker = new Choker<Someone>(
      { slots, seedChoker },
      { credit: CREDIT, quota: QUOTA },
      new SeededRandom(seed),
    )
  }

  /** One round, in which everybody gave, and those who were let in took. */
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

  get #moment(): ChokerMoment<Someone> {
    const { now, isSeeding, isSpread } = this
    return { now, isSeeding, isSpread, owes: () => false }
  }

  get unchoked(): string[] {
    return this.peers.filter(peer => this.choker.isUnchoked(peer)).map(peer => peer.name)
  }
}

const LEECHING: { title: string; peers: Someone[]; slots: number; regular: string[] }[] = [
  {
    title: 'the slots go to those who give most',
    peers: [1, 5, 3, 9, 2].map(gives => someone(`${gives}`, { gives, takes: 10 - gives })),
    slots: 3,
    regular: ['5', '9'],
  },
  {
    title: 'who is not interested gets none',
    peers: [someone('a', { isInterested: false, gives: 9 }), someone('b', { gives: 1 }), someone('c')],
    slots: 2,
    regular: ['b', 'c'],
  },
  {
    title: 'who snubs us earns none',
    peers: [
      someone('snub', { isSnubbed: true, gives: 100 }),
      someone('a', { gives: 2 }),
      someone('b', { gives: 1 }),
    ],
    slots: 2,
    regular: ['a'],
  },
  { title: 'a slot that nobody earned is not left empty', peers: [someone('a')], slots: 5, regular: ['a'] },
  { title: 'nobody there, nobody unchoked', peers: [], slots: 5, regular: [] },
]

for (const { title, peers, slots, regular } of LEECHING) {
  test(`leeching: ${title}`, () => {
    const party = new Party(peers, { slots })
    // The third round knows of two in which they gave.
    const unchoked = party.rounds(3)
    for (const name of regular) assert.ok(unchoked.includes(name), `${name} is not among ${unchoked}`)
    assert.ok(unchoked.length <= slots)
  })
}

test('leeching: one slot of five goes round among those who give less, for three rounds each', () => {
  const best = [1, 2, 3, 4].map(i => someone(`best${i}`, { gives: 100 }))
  const others = Array.from({ length: 10 }, (_, i) => someone(`other${i}`, { gives: 1 }))
  const party = new Party([...best, ...others], { seed: 5 })
  party.rounds(3)
  const lucky: string[] = []
  for (let round = 0; round < 300; round++) {
    const unchoked = party.round()
    assert.equal(unchoked.length, 5)
    assert.deepEqual(
      unchoked.filter(name => name.startsWith('best')),
      best.map(peer => peer.name),
    )
    lucky.push(unchoked.find(name => name.startsWith('other'))!)
  }
  // Where the first luck began is not known; from its end on it changes every three rounds.
  const first = lucky.findIndex(name => name !== lucky[0])
  for (let round = first; round + 3 <= 300; round += 3) {
    assert.deepEqual(lucky.slice(round, round + 3), new Array(3).fill(lucky[round]))
  }
  assert.equal(new Set(lucky).size, 10)
})

test('leeching: who was lucky and gives more than others earns a slot', () => {
  const givers = [1, 2, 3, 4].map(i => someone(`giver${i}`, { gives: 10 * i }))
  const newcomer = someone('new')
  const party = new Party([...givers, newcomer])
  assert.ok(party.rounds(3).includes('new'), 'nobody else is there for the optimistic slot')
  newcomer.gives = 1_000
  party.peers.push(...Array.from({ length: 20 }, (_, i) => someone(`late${i}`)))
  party.rounds(2)
  for (let round = 0; round < 10; round++) assert.ok(party.round().includes('new'))
})

test('leeching: a newcomer is three times as likely to be tried', () => {
  let tries = 0
  for (let seed = 0; seed < 3_000; seed++) {
    const old = [someone('a'), someone('b'), someone('c')]
    const newcomer = someone('new', { connectedAt: HOUR })
    const party = new Party([...old, newcomer], { slots: 1, seed })
    if (party.round().includes('new')) tries++
  }
  // Half of all: three tickets of six.
  assert.ok(tries > 1_350 && tries < 1_650, `${tries} of 3000`)
})

test('leeching: who was lent a piece and gives nothing loses its luck, and is rarely lucky again', () => {
  const givers = [1, 2, 3, 4].map(i => someone(`giver${i}`, { gives: 100 }))
  const takers = [1, 2, 3].map(i => someone(`taker${i}`, { takes: CREDIT }))
  const poor = someone('poor', { gives: 1, takes: 8 })
  const party = new Party([...givers, ...takers, poor], { seed: 4 })
  party.rounds(3)
  let takerRounds = 0
  for (let round = 0; round < 300; round++) {
    if (party.round().some(name => name.startsWith('taker'))) takerRounds++
  }
  // Three tickets of nineteen, for a round at a time where the poor one has three.
  assert.ok(takerRounds > 0 && takerRounds < 60, `${takerRounds} of 300`)
})

test('leeching: where nobody else waits, who only takes is served all the same', () => {
  const party = new Party([someone('taker', { takes: 100 * CREDIT })], { slots: 1 })
  for (let round = 0; round < 20; round++) assert.deepEqual(party.round(), ['taker'])
})

test('leeching: luck that was used up goes to another within the round, where one waits', () => {
  const lucky = someone('lucky')
  const party = new Party([lucky], { slots: 1 })
  assert.deepEqual(party.round(), ['lucky'])
  lucky.sent.total = CREDIT
  assert.deepEqual(party.fillVacancies(), ['lucky'])
  party.peers.push(someone('late'))
  assert.deepEqual(party.fillVacancies(), ['late'])
})

test('leeching with one slot: it is earned in four rounds of five, and goes round among the others in the fifth', () => {
  const giver = someone('giver', { gives: 1_000_000 })
  const others = Array.from({ length: 10 }, (_, i) => someone(`other${i}`, { gives: 1_000 }))
  const party = new Party([...others, giver], { slots: 1 })
  party.rounds(3)
  const counts = new Map<string, number>()
  for (let round = 0; round < 300; round++) {
    const unchoked = party.round()
    assert.equal(unchoked.length, 1)
    counts.set(unchoked[0]!, (counts.get(unchoked[0]!) ?? 0) + 1)
  }
  assert.equal(counts.get('giver'), 240)
  assert.equal(counts.size, 11)
})

test('leeching with one slot: nobody else is there, and the one that gives keeps it', () => {
  const party = new Party([someone('giver', { gives: 1_000_000 })], { slots: 1 })
  for (let round = 0; round < 20; round++) assert.deepEqual(party.round(), ['giver'])
})

test('leeching: a partner that gives may rest; a stranger that asks for nothing loses its turn after ten seconds', () => {
  const giver = someone('giver', { gives: 1_000, uploads: { length: 0 } })
  const idle = someone('idle', { uploads: { length: 0 } })
  const party = new Party([giver, idle], { slots: 2 })
  assert.deepEqual(party.rounds(3), ['giver', 'idle'])
  party.peers.push(someone('late', { connectedAt: party.now }))
  party.fillVacancies()
  assert.ok(!party.choker.isUnchoked(idle))
  assert.ok(party.choker.isUnchoked(giver))
  assert.ok(party.choker.sitsOut(idle, party.now) && !party.choker.sitsOut(idle, party.now + 30_000))
})

test('two slots: one is earned, one goes round', () => {
  const giver = someone('giver', { gives: 1_000_000 })
  const others = Array.from({ length: 4 }, (_, i) => someone(`other${i}`, { gives: 1 }))
  const party = new Party([giver, ...others], { slots: 2 })
  party.rounds(3)
  for (let round = 0; round < 50; round++) {
    const unchoked = party.round()
    assert.ok(unchoked.length === 2 && unchoked.includes('giver'), `${unchoked}`)
  }
})

test('seeding, round-robin: the peers of one address share its turns while others wait', () => {
  const many = Array.from({ length: 20 }, (_, i) => someone(`many${i}`, { group: 'host', takes: QUOTA / 5 }))
  const few = [1, 2, 3, 4].map(i => someone(`few${i}`, { takes: QUOTA / 5 }))
  const party = new Party([...many, ...few], { isSeeding: true, slots: 5 })
  party.rounds(3)
  for (let round = 0; round < 30; round++) {
    const unchoked = party.round()
    assert.equal(unchoked.filter(name => name.startsWith('many')).length, 1, `${unchoked}`)
  }
})

test('seeding, round-robin: a peer that comes back under another name stands where it stood', () => {
  const peers = ['a', 'b', 'c'].map(name => someone(name, { takes: QUOTA }))
  const party = new Party(peers, { isSeeding: true, slots: 1 })
  const [first] = party.rounds(3)
  const leaver = peers.find(({ name }) => name === first)!
  party.choker.forget(leaver, party.now)
  peers[peers.indexOf(leaver)] = someone('again', {
    group: leaver.group,
    takes: QUOTA,
    connectedAt: party.now,
  })
  const served = new Set<string>()
  while (served.size < 3) served.add(party.round()[0]!)
  assert.equal([...served].at(-1), 'again')
})

test('a slot that becomes free is given away at once, and what was earned before counts', () => {
  const peers = [9, 8, 7, 6, 5, 4].map(gives => someone(`${gives}`, { gives }))
  const party = new Party(peers)
  const unchoked = party.rounds(3)
  assert.deepEqual(unchoked.slice(0, 4), ['9', '8', '7', '6'])
  const [, second] = peers
  second!.isInterested = false
  party.choker.release(second!)
  assert.deepEqual(party.fillVacancies(), ['9', '7', '6', '5', '4'])
  assert.equal(party.choker.unchokedCount, 5)
})

test('seeding, round-robin: everybody has a turn, and nobody loses it before its quota is taken', () => {
  const peers = Array.from({ length: 12 }, (_, i) => someone(`p${i}`, { takes: QUOTA / 5 }))
  const party = new Party(peers, { isSeeding: true, slots: 3 })
  const turns = new Map<string, number>()
  let before: string[] = []
  for (let round = 0; round < 60; round++) {
    const unchoked = party.round()
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

test('seeding, round-robin: who lacks more is served sooner, and nobody waits much longer than ten minutes', () => {
  const ahead = someone('ahead', { takes: QUOTA, pieces: { count: 90, length: 100 } })
  const behind = [1, 2, 3, 4].map(i => someone(`behind${i}`, { takes: QUOTA }))
  const party = new Party([ahead, ...behind], { isSeeding: true, slots: 1 })
  const gaps: number[] = []
  let gap = 0
  for (let round = 0; round < 600; round++) {
    const [served] = party.round()
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

test('seeding, round-robin: while there are pieces that nobody else has, all have the same number of turns', () => {
  const ahead = someone('ahead', { takes: QUOTA, pieces: { count: 90, length: 100 } })
  const behind = [1, 2, 3, 4].map(i => someone(`behind${i}`, { takes: QUOTA }))
  const party = new Party([ahead, ...behind], { isSeeding: true, slots: 1 })
  party.isSpread = false
  const rounds = new Map<string, number>()
  for (let round = 0; round < 5 * 3 * 4; round++) {
    for (const name of party.round()) rounds.set(name, (rounds.get(name) ?? 0) + 1)
  }
  assert.deepEqual([...rounds.values()], [12, 12, 12, 12, 12])
})

test('seeding, round-robin: a peer that takes next to nothing does not keep its slot for ever', () => {
  const slow = someone('slow', { takes: 1 })
  const party = new Party([slow, someone('other', { takes: 1 })], { isSeeding: true, slots: 1 })
  assert.deepEqual(party.round(), ['slow'])
  assert.deepEqual(party.rounds(29), ['slow'])
  assert.deepEqual(party.round(), ['other'])
})

test('seeding, fastest: the slots go to those who take most, and luck finds them', () => {
  const peers = [1, 5, 3, 9, 2, 8, 7, 6].map(takes => someone(`${takes}`, { takes, gives: 10 - takes }))
  const party = new Party(peers, { isSeeding: true, seedChoker: 'fastest', seed: 3 })
  const unchoked = party.rounds(60)
  for (const name of ['9', '8', '7', '6'])
    assert.ok(unchoked.includes(name), `${name} is not among ${unchoked}`)
})

test('who leaves is forgotten, and its slot free', () => {
  const peers = [someone('a'), someone('b')]
  const party = new Party(peers, { slots: 1 })
  const [first] = party.round()
  const leaver = peers.find(peer => peer.name === first)!
  peers.splice(peers.indexOf(leaver), 1)
  party.choker.forget(leaver, party.now)
  assert.equal(party.choker.unchokedCount, 0)
  assert.deepEqual(party.fillVacancies(), [peers[0]!.name])
})
