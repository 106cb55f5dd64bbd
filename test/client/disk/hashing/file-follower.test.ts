import assert from 'node:assert/strict'
import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { describe, type TestContext, test } from 'node:test'
import { Bitfield } from '../../../../src/base/bitfield.js'
import { SeededRandom, shuffle } from '../../../../src/base/random.js'
import { DiskError } from '../../../../src/client/disk/disk-error.js'
import { DiskPool } from '../../../../src/client/disk/disk-pool.js'
import type { FileFollower } from '../../../../src/client/disk/hashing/file-follower.js'
import type { Storage } from '../../../../src/client/disk/storage.js'
import {
  ALL,
  contentOf,
  makeSample,
  receivePiece,
  type Sample,
  type SampleShape,
  sha256,
  testFolder,
  Witness,
  wireBytes,
  writeContent,
} from '../support.js'

const MIB = 2 ** 20
/** No test has more to hash. */
const MOST_STEPS = 20
const SHAPE = { version: 'hybrid', pieceLength: MIB, hasPads: false, seed: 1 } as const

interface Following extends AsyncDisposable {
  readonly sample: Sample
  readonly storage: Storage
  readonly follower: FileFollower
  readonly stop: AbortController
  /** A piece is received and written. */
  receive(piece: number): Promise<void>
  /** The pieces from `first` up to, not including, `end` are verified, and what can be hashed by that is. */
  tell(first: number, end: number): Promise<void>
}

async function follow(context: TestContext, shape: SampleShape): Promise<Following> {
  const sample = makeSample(shape)
  const pool = new DiskPool({ workers: 2 })
  const storage = pool.openStorage(sample.layout, { dir: testFolder(context), mode: 'write' })
  const witness = new Witness()
  storage.listen(witness)
  await storage.prepare(ALL)
  const stop = new AbortController()
  const files = [...sample.layout.entries].flatMap((entry, index) => (entry.type === 'file' ? [index] : []))
  const follower = storage.followFiles(files, new Bitfield(sample.map.pieceCount), stop.signal)
  return {
    sample,
    storage,
    follower,
    stop,
    async receive(piece) {
      await receivePiece(pool, storage, witness, piece, wireBytes(sample, piece).slice())
      await witness.until(() => witness.hashed.has(piece))
    },
    async tell(first, end) {
      for (let piece = first; piece < end; piece++) follower.pieceVerified(piece)
      // After a drain the step before it is done, and there is time for the next.
      for (let step = 0; step < MOST_STEPS; step++) {
        await storage.drain()
        follower.goOn()
      }
    },
    [Symbol.asyncDispose]: () => pool.close(),
  }
}

function expectedSums(sample: Sample): Map<number, Uint8Array> {
  return new Map(
    [...sample.layout.entries].flatMap((entry, index) =>
      entry.type === 'file' ? [[index, new Uint8Array(sha256(contentOf(sample, index)))] as const] : [],
    ),
  )
}

async function sumsOf(follower: FileFollower): Promise<Map<number, Uint8Array>> {
  return new Map([...(await follower.finish())].sort(([a], [b]) => a - b))
}

/** Changes a byte of a file, with or without a trace in its time. */
function alter(path: string, at: number, time?: Date): void {
  const bytes = readFileSync(path)
  bytes[at] = (bytes[at] ?? 0) ^ 1
  writeFileSync(path, bytes)
  if (time !== undefined) utimesSync(path, time, time)
}

describe('following the files of a download', () => {
  for (const version of ['v1', 'v2', 'hybrid'] as const) {
    test(`pieces come in any order, and the sums are those of the files, ${version}`, async context => {
      const seed = Math.floor(Math.random() * 2 ** 31)
      context.diagnostic(`seed ${seed}`)
      const lengths = [3, 900_000, 0, 9 * MIB, 1_500_000, 6 * MIB]
      await using run = await follow(context, { ...SHAPE, version, lengths, seed })
      const random = new SeededRandom(seed)
      const pieces = shuffle(
        Array.from({ length: run.sample.map.pieceCount }, (_, piece) => piece),
        random,
      )
      for (const piece of pieces) {
        await run.receive(piece)
        if (random.below(4) === 0) await run.tell(piece, piece + 1)
        else run.follower.pieceVerified(piece)
      }
      assert.deepEqual(await sumsOf(run.follower), expectedSums(run.sample))
    })
  }

  test('a file that another program changes between two writes is read again', async context => {
    await using run = await follow(context, { ...SHAPE, version: 'v2', lengths: [2 * MIB, 3 * MIB, 9 * MIB] })
    for (let piece = 0; piece < 11; piece++) await run.receive(piece)
    await run.tell(0, 11)
    alter(run.storage.pathOf(2), 4 * MIB - 1)
    for (let piece = 11; piece < 14; piece++) await run.receive(piece)
    await run.tell(11, 14)
    const sums = await sumsOf(run.follower)
    assert.deepEqual(sums.get(0), expectedSums(run.sample).get(0))
    assert.deepEqual(sums.get(2), new Uint8Array(sha256(readFileSync(run.storage.pathOf(2)))))
  })

  test('a file that changes once it is whole is read again, though its mtime is set back', async context => {
    await using run = await follow(context, { ...SHAPE, version: 'v2', lengths: [MIB, 6 * MIB] })
    for (let piece = 0; piece < 7; piece++) await run.receive(piece)
    await run.tell(0, 7)
    const paths = [run.storage.pathOf(0), run.storage.pathOf(1)]
    for (const path of paths) alter(path, 7, statSync(path).mtime)
    assert.deepEqual(await run.storage.files.findChanged(), [0, 1])
    const sums = await sumsOf(run.follower)
    for (const [index, path] of paths.entries())
      assert.deepEqual(sums.get(index), new Uint8Array(sha256(readFileSync(path))))
  })

  test('what could not be read is tried again at the end, and an error only then', async context => {
    for (const isMended of [true, false]) {
      await using run = await follow(context, { ...SHAPE, version: 'v2', lengths: [MIB, 9 * MIB, 9 * MIB] })
      for (let piece = 10; piece < 19; piece++) await run.receive(piece)
      await run.tell(0, 19)
      if (isMended) writeContent(run.sample, run.storage.pathOf(0).slice(0, -'content/file 0'.length))
      if (isMended) assert.deepEqual(await sumsOf(run.follower), expectedSums(run.sample))
      else
        await assert.rejects(
          run.follower.finish(),
          error => error instanceof DiskError && error.code === 'not-found',
        )
    }
  })

  test('stops with the signal', async context => {
    await using run = await follow(context, { ...SHAPE, version: 'v2', lengths: [MIB, 6 * MIB] })
    for (let piece = 0; piece < 7; piece++) await run.receive(piece)
    run.stop.abort()
    await run.tell(0, 7)
    await assert.rejects(run.follower.finish(), { name: 'AbortError' })
  })
})
