import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { HashTask } from '../../../../src/client/disk/hashing/hash-task.js'
import { PieceSchedule } from '../../../../src/client/disk/hashing/piece-schedule.js'
import { makeLayout, type SampleLayout } from '../support.js'

const MIB = 2 ** 20

const shapes = fc.record({
  version: fc.constantFrom('v1' as const, 'v2' as const, 'hybrid' as const),
  pieceLength: fc.constantFrom(MIB / 4, MIB, 8 * MIB),
  lengths: fc.array(fc.constantFrom(0, 1, 1000, MIB, 3 * MIB, 9 * MIB, 30 * MIB + 5), {
    minLength: 1,
    maxLength: 6,
  }),
  hasPads: fc.boolean(),
})

type Given = HashTask & { readonly worker: number }

/** Gives out all tasks, to workers that ask in the order of `turns`. */
function giveOut(schedule: PieceSchedule, turns: readonly number[]): Given[] {
  const given: Given[] = []
  const busy = new Set([0, 1, 2])
  for (let turn = 0; busy.size > 0; turn++) {
    const worker = turns[turn % turns.length] ?? turn % 3
    const asked = busy.has(worker) ? worker : ([...busy][0] ?? 0)
    const task = schedule.take(asked)
    if (task === undefined) busy.delete(asked)
    else given.push({ ...task, worker: asked })
  }
  return given
}

const turns = fc.array(fc.nat(2), { minLength: 1, maxLength: 50 })

function filesOf({ layout }: SampleLayout): number[] {
  return [...layout.entries].flatMap((entry, index) => (entry.type === 'file' ? [index] : []))
}

function lengthOf({ layout }: SampleLayout, entryIndex: number): number {
  return layout.entries.at(entryIndex)?.length ?? 0
}

describe('the schedule of pieces to hash', () => {
  test('pieces come once, in order; a flat hash is one worker’s, whole, and never ahead of them', () => {
    fc.assert(
      fc.property(shapes, turns, fc.boolean(), (shape, order, checksums) => {
        const sample = makeLayout(shape)
        const { map, layout } = sample
        const schedule = new PieceSchedule(map, layout, { first: 0, last: map.pieceCount - 1, checksums })
        const done = new Map<number, { at: number; worker: number }>()
        const inPieces = new Set<number>()
        let piece = 0
        let bytes = 0
        for (const task of giveOut(schedule, order)) {
          assert.ok(task.type !== 'files')
          if (task.type === 'pieces') {
            assert.equal(task.first, piece)
            piece += task.count
            for (const index of filesOf(sample)) {
              const { offset = 0, length = 0 } = layout.entries.at(index) ?? {}
              const start = task.first * map.pieceLength
              const end = piece * map.pieceLength
              if (length > 0 && offset >= start && offset + length <= end) inPieces.add(index)
              bytes += Math.max(0, Math.min(offset + length, end) - Math.max(offset, start))
            }
            continue
          }
          const known = done.get(task.entryIndex) ?? { at: 0, worker: task.worker }
          assert.deepEqual(known, { at: task.from, worker: task.worker })
          const at = task.from + task.length
          assert.equal(task.isLast, at === lengthOf(sample, task.entryIndex))
          assert.ok((layout.entries.at(task.entryIndex)?.offset ?? 0) + at <= piece * map.pieceLength)
          done.set(task.entryIndex, { at, worker: task.worker })
          bytes += task.length
        }
        assert.equal(piece, map.pieceCount)
        assert.equal(bytes, schedule.bytesTotal)
        const expected = filesOf(sample).filter(index => lengthOf(sample, index) > 0)
        const hashed = expected.filter(index => inPieces.has(index) !== (done.get(index) !== undefined))
        assert.deepEqual(hashed, checksums ? expected : expected.filter(index => inPieces.has(index)))
        for (const [index, { at }] of done) assert.equal(at, lengthOf(sample, index))
      }),
    )
  })

  test('a worker that has a flat hash does nothing else while it is behind', () => {
    const sample = makeLayout({
      version: 'v2',
      pieceLength: MIB,
      lengths: [40 * MIB],
      hasPads: false,
    })
    const range = { first: 0, last: 39, checksums: true }
    const schedule = new PieceSchedule(sample.map, sample.layout, range)
    const types = [0, 1, 1, 0, 0, 0, 1, 0].map(worker => schedule.take(worker)?.type)
    assert.deepEqual(types, ['pieces', 'run', 'pieces', 'pieces', 'pieces', 'pieces', 'run', 'pieces'])
  })
})
