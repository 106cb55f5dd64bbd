import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DraftTurns } from '../../../src/engine/metadata/draft-turns.js'
import { MetadataDraft } from '../../../src/engine/metadata/metadata-draft.js'
import { METADATA_PIECE_LENGTH } from '../../../src/protocol/peer/metadata-message.js'

interface Voter {
  readonly group: string
}

function draftOf(size: number, ...groups: readonly string[]): MetadataDraft<Voter> {
  const draft = new MetadataDraft<Voter>(size, undefined)
  for (const group of groups) draft.peers.add({ group })
  return draft
}

function active(turns: DraftTurns<Voter>): number[] {
  return [...turns.drafts].filter(draft => turns.isActive(draft)).map(({ size }) => size)
}

describe('turns of drafts', () => {
  it('the sizes that most addresses state are first; peers of one address count as one', () => {
    const turns = new DraftTurns<Voter>()
    for (const draft of [
      draftOf(1, 'a', 'a', 'a', 'a'),
      draftOf(2, 'b', 'c'),
      draftOf(3, 'd', 'e'),
      draftOf(4, 'f', 'g', 'h'),
      draftOf(5),
    ])
      turns.add(draft)
    turns.update(0)
    assert.deepEqual(active(turns), [2, 3, 4])
  })

  it('one of which no piece comes gives way after 5 s, and one of which pieces come does not', () => {
    const turns = new DraftTurns<Voter>()
    const moving = draftOf(1, 'a')
    for (const draft of [moving, draftOf(2, 'b'), draftOf(3, 'c'), draftOf(4, 'd')]) turns.add(draft)
    turns.update(0)
    turns.pieceCame(moving, 4_000)
    turns.update(4_999)
    assert.deepEqual(active(turns), [1, 2, 3])
    turns.update(5_000)
    assert.deepEqual(active(turns), [1, 3, 4])
    for (let now = 6_000; now < 100_000; now += 1_000) {
      turns.pieceCame(moving, now)
      turns.update(now)
      assert.ok(turns.isActive(moving))
    }
  })

  it('of all of which pieces come each is fetched in turn, longer each time', () => {
    const turns = new DraftTurns<Voter>()
    const drafts = [1, 2, 3, 4, 5].map(size => draftOf(size, `${size}`))
    for (const draft of drafts) turns.add(draft)
    const lengths = new Map(drafts.map(draft => [draft, [] as number[]]))
    for (let now = 0; now < 900_000; now += 1_000) {
      for (const draft of drafts) {
        const wasActive = turns.isActive(draft)
        turns.pieceCame(draft, now)
        const own = lengths.get(draft) ?? []
        if (wasActive && own.length > 0) own[own.length - 1]! += 1_000
      }
      const before = new Set(drafts.filter(draft => turns.isActive(draft)))
      turns.update(now)
      for (const draft of drafts) {
        if (turns.isActive(draft) && !before.has(draft)) lengths.get(draft)?.push(0)
      }
    }
    for (const own of lengths.values()) {
      assert.ok(own.length >= 3, `${own}`)
      const [first = 0, second = 0] = own
      assert.ok(first >= 20_000 && second >= 40_000, `${own}`)
    }
  })

  it('holds pieces of no more than three drafts, however many come and go', () => {
    const turns = new DraftTurns<Voter>()
    for (let index = 0; index < 50; index++) {
      const peer = { group: `${index}` }
      const draft = new MetadataDraft<Voter>(METADATA_PIECE_LENGTH * 20 + index, undefined)
      draft.peers.add(peer)
      turns.add(draft)
      turns.update(index)
      if (turns.isActive(draft))
        for (let piece = 0; piece < 10; piece++) draft.add(piece, new Uint8Array(1), peer)
      draft.peers.delete(peer)
    }
    const held = [...turns.drafts].reduce((sum, { got }) => sum + got, 0)
    assert.equal(held, 3 * 10 * METADATA_PIECE_LENGTH)
    assert.equal([...turns.drafts].length, 3)
  })
})
