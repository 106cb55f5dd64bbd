import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Bitfield } from '../../../../src/base/bitfield.js'
import { SeededRandom, shuffle } from '../../../../src/base/random.js'
import { FileSchedule } from '../../../../src/client/disk/hashing/file-schedule.js'
import type { HashTask } from '../../../../src/client/disk/hashing/hash-task.js'
import { makeLayout, type SampleLayout } from '../support.js'

const MIB = 2 ** 20
const STEP = 4 * MIB

const shapes = fc.record({
  version: fc.constantFrom('v1' as const, 'v2' as const, 'hybrid' as const),
  pieceLength: fc.constantFrom(MIB / 4, MIB, 8 * MIB),
  lengths: fc.array(fc.constantFrom(0, 1, 1000, MIB, STEP, STEP + 1, 9 * MIB, 30 * MIB + 5), {
    minLength: 1,
    maxLength: 8,
  }),
  hasPads: fc.boolean(),
  seed: fc.nat(),
})

function filesOf({ layout }: SampleLayout): number[] {
  return [...layout.entries].flatMap((entry, index) => (entry.type === 'file' ? [index] : []))
}

function lengthOf({ layout }: SampleLayout, entryIndex: number): number {
  return layout.entries.at(entryIndex)?.length ?? 0
}

/** Holds every task against what is verified and what was given out before. */
class Observer {
  readonly verified: Bitfield
  /** Bytes given out of each file. */
  readonly done = new Map<number, number>()
  readonly #sample: SampleLayout
  readonly #workerOf = new Map<number, number>()

  constructor(sample: SampleLayout, verified: Bitfield) {
    this.#sample = sample
    this.verified = verified
  }

  see(task: HashTask, worker: number): void {
    assert.notEqual(task.type, 'pieces')
    if (task.type === 'files')
      for (const index of task.entryIndices) this.#take(index, 0, lengthOf(this.#sample, index))
    if (task.type !== 'run') return
    assert.equal(this.#workerOf.get(task.entryIndex) ?? worker, worker)
    this.#workerOf.set(task.entryIndex, worker)
    this.#take(task.entryIndex, task.from, task.length)
    assert.equal(task.isLast, task.from + task.length === lengthOf(this.#sample, task.entryIndex))
    assert.ok(task.length === STEP || task.isLast)
  }

  #take(entryIndex: number, from: number, length: number): void {
    assert.equal(from, this.done.get(entryIndex) ?? 0, 'each byte once, in order')
    assert.ok(length <= STEP)
    this.done.set(entryIndex, from + length)
    const { pieceLength } = this.#sample.map
    const start = (this.#sample.layout.entries.at(entryIndex)?.offset ?? 0) + from
    const pieces = length === 0 ? 0 : Math.ceil((start + length) / pieceLength)
    for (let piece = Math.floor(start / pieceLength); piece < pieces; piece++)
      assert.ok(this.verified.has(piece), `piece ${piece} is not verified`)
  }
}

describe('the schedule of files to hash', () => {
  test('in whatever order pieces come, each byte is given out once, after its piece, and at the end all are', () => {
    let early = 0
    fc.assert(
      fc.property(shapes, fc.constantFrom(0, 0.5), fc.nat(3), (shape, hadBefore, patience) => {
        const sample = makeLayout(shape)
        const { map, layout } = sample
        const random = new SeededRandom(shape.seed)
        const pieces = shuffle(
          Array.from({ length: map.pieceCount }, (_, piece) => piece),
          random,
        )
        const verified = new Bitfield(map.pieceCount)
        const coming = pieces.splice(Math.floor(pieces.length * hadBefore))
        for (const piece of pieces) verified.add(piece)
        const observer = new Observer(sample, verified.copy())
        const schedule = new FileSchedule(map, layout, filesOf(sample), verified)
        const takeAll = (worker: number, most: number) => {
          for (let count = 0; count < most; count++) {
            const task = schedule.take(worker)
            if (task === undefined) break
            observer.see(task, worker)
          }
        }
        for (const piece of coming) {
          observer.verified.add(piece)
          schedule.pieceVerified(piece)
          takeAll(random.below(2), random.below(patience + 1))
        }
        early += [...observer.done.values()].reduce((sum, bytes) => sum + bytes, 0)
        for (const worker of [0, 1]) takeAll(worker, Number.POSITIVE_INFINITY)
        for (const index of filesOf(sample)) assert.equal(observer.done.get(index), lengthOf(sample, index))
        assert.equal(
          schedule.bytesTotal,
          filesOf(sample).reduce((sum, index) => sum + lengthOf(sample, index), 0),
        )
      }),
    )
    assert.ok(early > 0, 'nothing was hashed before the last piece')
  })

  test('of the fronts of incomplete files only some are begun; whole files always are', () => {
    const lengths = new Array<number>(100).fill(2 * STEP)
    const sample = makeLayout({ version: 'v2', pieceLength: STEP, lengths, hasPads: false })
    const schedule = new FileSchedule(sample.map, sample.layout, filesOf(sample), new Bitfield(200))
    for (let file = 0; file < 100; file++) schedule.pieceVerified(2 * file)
    let begun = 0
    while (schedule.take(0) !== undefined) begun++
    assert.equal(begun, 64)
    schedule.pieceVerified(199)
    const whole = [schedule.take(0), schedule.take(0), schedule.take(0)]
    assert.deepEqual(whole, [
      { type: 'run', entryIndex: 99, from: 0, length: STEP, isLast: false },
      { type: 'run', entryIndex: 99, from: STEP, length: STEP, isLast: true },
      undefined,
    ])
  })

  test('a file that was dropped is not given out until it is added again, and then from its beginning', () => {
    const sample = makeLayout({
      version: 'v2',
      pieceLength: STEP,
      lengths: [3 * STEP],
      hasPads: false,
    })
    const schedule = new FileSchedule(sample.map, sample.layout, [0], new Bitfield(3))
    schedule.pieceVerified(0)
    assert.equal(schedule.take(0)?.type, 'run')
    schedule.drop(0)
    for (const piece of [1, 2]) schedule.pieceVerified(piece)
    assert.equal(schedule.take(0), undefined)
    schedule.add(0)
    const task = schedule.take(1)
    assert.ok(task?.type === 'run' && task.from === 0)
  })

  test('small files go together, large ones in runs', () => {
    const lengths = [...new Array<number>(100).fill(1000), 10 * MIB, 3 * MIB, 3 * MIB, 0]
    const sample = makeLayout({ version: 'v1', pieceLength: MIB, lengths, hasPads: false })
    const schedule = new FileSchedule(sample.map, sample.layout, filesOf(sample))
    const given: HashTask[] = []
    for (let task = schedule.take(0); task !== undefined; task = schedule.take(0)) given.push(task)
    const groups = given.flatMap(task => (task.type === 'files' ? [task.entryIndices] : []))
    assert.deepEqual(
      groups.map(group => group.length),
      [64, 37, 2],
    )
    assert.deepEqual(
      groups.flat(),
      filesOf(sample).filter(index => index !== 100),
    )
    assert.equal(given.filter(task => task.type === 'run').length, 3)
    assert.equal(schedule.bytesTotal, 16 * MIB + 100_000)
  })

  test('the last small files are given out once they are whole, also where other pieces never come', () => {
    const sample = makeLayout({
      version: 'v1',
      pieceLength: MIB,
      lengths: [5, MIB, 7, 30 * MIB],
      hasPads: false,
    })
    const schedule = new FileSchedule(sample.map, sample.layout, [0, 2], new Bitfield(sample.map.pieceCount))
    schedule.pieceVerified(0)
    assert.equal(schedule.take(0), undefined)
    schedule.pieceVerified(1)
    assert.deepEqual(schedule.take(0), { type: 'files', entryIndices: [0, 2] })
    schedule.add(0)
    schedule.drop(0)
    schedule.add(2)
    assert.deepEqual(schedule.take(0), { type: 'files', entryIndices: [0, 2] })
    assert.equal(schedule.take(0), undefined)
  })
})
