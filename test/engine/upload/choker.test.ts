import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SeededRandom } from '../../../src/base/random.js'
import { type ChokablePeer, Choker } from '../../../src/engine/upload/choker.js'

interface Someone extends ChokablePeer {
  readonly name: string
}

function someone(name: string, facts: Partial<ChokablePeer> = {}): Someone {
  return { name, isInterested: true, isSnubbed: false, rateToUs: 0, rateFromUs: 0, connectedAt: 0, ...facts }
}

const HOUR = 3_600_000
const names = (peers: Iterable<Someone>) => [...peers].map(peer => peer.name).sort()

const TABLE: {
  title: string
  peers: Someone[]
  isSeeding: boolean
  slots: number
  expected: string[]
}[] = [
  {
    title: 'who is not interested gets nothing',
    peers: [someone('a', { isInterested: false, rateToUs: 9 }), someone('b')],
    isSeeding: false,
    slots: 2,
    expected: ['b'],
  },
  {
    title: 'leeching, the slots go to those who send most',
    peers: [1, 5, 3, 9].map(rate => someone(`r${rate}`, { rateToUs: rate, rateFromUs: 10 - rate })),
    isSeeding: false,
    slots: 2,
    expected: ['r5', 'r9'],
  },
  {
    title: 'seeding, the slots go to those who take most',
    peers: [1, 5, 3, 9].map(rate => someone(`r${rate}`, { rateToUs: 10 - rate, rateFromUs: rate })),
    isSeeding: true,
    slots: 2,
    expected: ['r5', 'r9'],
  },
  {
    title: 'who snubs us gets no regular slot while someone else can have it',
    peers: [someone('snub', { isSnubbed: true, rateToUs: 100 }), someone('a'), someone('b', { rateToUs: 1 })],
    isSeeding: false,
    slots: 2,
    expected: ['a', 'b'],
  },
  { title: 'nobody there, nobody unchoked', peers: [], isSeeding: false, slots: 2, expected: [] },
]

for (const { title, peers, isSeeding, slots, expected } of TABLE) {
  test(title, () => {
    const choker = new Choker<Someone>({ regularSlots: slots, optimisticSlots: 0 }, new SeededRandom(1))
    assert.deepEqual(names(choker.round(peers, isSeeding, HOUR)), expected)
  })
}

test('one slot goes round among those who give less, for three rounds each', () => {
  const choker = new Choker<Someone>({ regularSlots: 1, optimisticSlots: 1 }, new SeededRandom(5))
  const best = someone('best', { rateToUs: 100 })
  const others = Array.from({ length: 10 }, (_, i) => someone(`other${i}`))
  const lucky: string[] = []
  for (let round = 0; round < 300; round++) {
    const unchoked = choker.round([best, ...others], false, HOUR)
    assert.equal(unchoked.size, 2)
    assert.ok(unchoked.has(best))
    lucky.push(names(unchoked).find(name => name !== 'best')!)
  }
  for (let round = 0; round < 300; round += 3) {
    assert.deepEqual(lucky.slice(round, round + 3), new Array(3).fill(lucky[round]))
  }
  assert.equal(new Set(lucky).size, 10)
})

test('a newcomer is three times as likely to be tried', () => {
  const choker = new Choker<Someone>({ regularSlots: 0, optimisticSlots: 1 }, new SeededRandom(11))
  const old = [someone('a'), someone('b'), someone('c')]
  const newcomer = someone('new', { connectedAt: HOUR })
  let tries = 0
  for (let round = 0; round < 6_000; round++) {
    if (choker.round([...old, newcomer], false, HOUR + 1).has(newcomer)) tries++
  }
  // Half of all: three tickets of six.
  assert.ok(tries > 2_700 && tries < 3_300, `${tries} of 6000`)
})

test('slots that nobody earned are not left empty', () => {
  const choker = new Choker<Someone>({ regularSlots: 4, optimisticSlots: 1 }, new SeededRandom(1))
  const snubs = Array.from({ length: 6 }, (_, i) => someone(`s${i}`, { isSnubbed: true }))
  assert.equal(choker.round(snubs, false, HOUR).size, 5)
})
