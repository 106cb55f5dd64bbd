import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SeededRandom } from '../../../../src/base/random.js'
import { MIN_SLOTS, SlotCount } from '../../../../src/engine/upload/choking/slot-count.js'

interface Line {
  /** Bytes a round that our line carries. */
  readonly up: number
  /** Bytes a round that one peer takes. */
  readonly peer: number
  readonly peers: number
  /** Part by which measured bytes may be off. */
  readonly noise?: number
}

const random = new SeededRandom(7)

/** The slots after each round. */
function play(count: SlotCount, { up, peer, peers, noise = 0 }: Line, rounds: number): number[] {
  return Array.from({ length: rounds }, () => {
    const sent = Math.min(up, Math.min(peers, count.count) * peer)
    const off = 1 + noise * (random.below(2_001) / 1_000 - 1)
    count.onRound(sent * off, peers > count.count)
    return count.count
  })
}

const average = (numbers: number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length

const TABLE: { title: string; line: Line; rounds: number; from: number; to: number }[] = [
  {
    title: 'a few fast peers have the line to themselves',
    line: { up: 1_000, peer: 1_000, peers: 40 },
    rounds: 200,
    from: MIN_SLOTS,
    to: MIN_SLOTS + 0.3,
  },
  {
    title: 'five that fill it are enough',
    line: { up: 1_000, peer: 210, peers: 40 },
    rounds: 200,
    from: MIN_SLOTS,
    to: MIN_SLOTS + 0.3,
  },
  {
    title: 'hundreds of slow ones fill it together',
    line: { up: 1_000, peer: 5, peers: 500 },
    rounds: 200,
    from: 180,
    to: 260,
  },
  {
    title: 'all peers are unchoked where even all of them do not fill it',
    line: { up: 1_000, peer: 1, peers: 500 },
    rounds: 60,
    from: 300,
    to: 800,
  },
  {
    title: 'the number stays where no peer waits',
    line: { up: 1_000, peer: 1, peers: 5 },
    rounds: 60,
    from: MIN_SLOTS,
    to: MIN_SLOTS,
  },
  {
    title: 'a noisy line does not raise the number',
    line: { up: 1_000, peer: 1_000, peers: 200, noise: 0.15 },
    rounds: 1_000,
    from: MIN_SLOTS,
    to: MIN_SLOTS * 1.6,
  },
]

for (const { title, line, rounds, from, to } of TABLE) {
  test(title, () => {
    const slots = average(play(new SlotCount(), line, rounds).slice(rounds / 2))
    assert.ok(slots >= from && slots <= to, `${slots} slots on average`)
  })
}

test('within three minutes there are enough for five hundred slow peers', () => {
  assert.ok((play(new SlotCount(), { up: 1_000, peer: 5, peers: 500 }, 18).at(-1) ?? 0) >= 150)
})

test('the number falls when peers become fast', () => {
  const count = new SlotCount()
  play(count, { up: 1_000, peer: 20, peers: 200 }, 60)
  assert.ok(count.count >= 40, `${count.count}`)
  const after = play(count, { up: 1_000, peer: 1_000, peers: 200 }, 100)
  assert.ok((after.at(-1) ?? 0) <= 8, `${after}`)
})
