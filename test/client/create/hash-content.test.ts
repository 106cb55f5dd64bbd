import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, rmSync, statSync, truncateSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { type HashPlan, hashContent } from '../../../src/client/create/hash-content.js'
import { DiskError } from '../../../src/client/disk/disk-error.js'
import { DiskPool } from '../../../src/client/disk/disk-pool.js'
import { indexed, pathOfEntry } from '../../../src/client/disk/layout.js'
import {
  contentOf,
  expectedHashes,
  makeSample,
  type Sample,
  sampleShapes,
  sha256,
  testFolder,
  writeContent,
} from '../disk/support.js'

const BIG = makeSample({
  version: 'hybrid',
  pieceLength: 2 ** 20,
  lengths: [5e6, 1000, 9e6],
  hasPads: true,
  seed: 1,
})

function planOf({ layout }: Sample, dir: string): HashPlan {
  const mtimesNs = [...layout.entries].map((entry, index) =>
    entry.type === 'file'
      ? statSync(pathOfEntry(layout, { dir, mode: 'read' }, index), { bigint: true }).mtimeNs
      : 0n,
  )
  return { ...layout, mtimesNs }
}

function rootIn(dir: string): string {
  return join(dir, 'content')
}

describe('hashing for a new torrent', () => {
  test('gives what each version needs', async () => {
    await using pool = new DiskPool({ workers: 2 })
    await fc.assert(
      fc.asyncProperty(sampleShapes, fc.boolean(), async (shape, checksums) => {
        const dir = mkdtempSync(join(tmpdir(), 'torrent-make-'))
        try {
          const sample = makeSample(shape)
          writeContent(sample, dir)
          const progress: [number, number][] = []
          const onProgress = (done: number, total: number): number => progress.push([done, total])
          const hashes = await hashContent(planOf(sample, dir), rootIn(dir), {
            pool,
            checksums,
            onProgress,
          })
          const expected = Array.from({ length: sample.map.pieceCount }, (_, piece) =>
            expectedHashes(sample, piece),
          )
          const sha1s = expected.flatMap(({ sha1 }) => (sha1 === undefined ? [] : [...sha1]))
          const roots = expected.flatMap(({ root }) => (root === undefined ? [] : [...root]))
          assert.deepEqual([...(hashes.pieces ?? [])], sha1s)
          assert.deepEqual([...(hashes.pieceRoots ?? [])], roots)
          assert.deepEqual(Object.keys(hashes).includes('fileSha256'), checksums)
          if (hashes.fileSha256 !== undefined) {
            for (const [index, entry] of indexed(sample.layout.entries)) {
              const sum = entry.type === 'file' ? new Uint8Array(sha256(contentOf(sample, index))) : undefined
              assert.deepEqual(hashes.fileSha256?.get(index), sum)
            }
          }
          progress.reduce(
            ([before], [done, total]) => {
              assert.ok(before <= done && done <= total)
              return [done, total]
            },
            [0, 0],
          )
          const last = progress.at(-1)
          assert.equal(last?.[0], last?.[1])
        } finally {
          rmSync(dir, { recursive: true })
        }
      }),
      { numRuns: 40 },
    )
  })

  test('a file that is another size than planned, or changes on the way, is an error', async context => {
    const dir = testFolder(context)
    writeContent(BIG, dir)
    await using pool = new DiskPool({ workers: 2 })
    const plan = planOf(BIG, dir)
    const path = pathOfEntry(BIG.layout, { dir, mode: 'read' }, 0)
    const isChanged = (error: unknown): boolean =>
      error instanceof DiskError && error.code === 'changed' && error.facts.path === path
    const touch = (): void => utimesSync(path, 1, 1)
    await assert.rejects(
      hashContent(plan, rootIn(dir), { pool, checksums: true, onProgress: touch }),
      isChanged,
    )
    appendFileSync(path, 'more')
    await assert.rejects(hashContent(planOf(BIG, dir), rootIn(dir), { pool, checksums: false }), isChanged)
    truncateSync(path, 100)
    await assert.rejects(hashContent(planOf(BIG, dir), rootIn(dir), { pool, checksums: false }), isChanged)
  })

  test('can be stopped', async context => {
    const dir = testFolder(context)
    writeContent(BIG, dir)
    await using pool = new DiskPool({ workers: 2 })
    const stop = new AbortController()
    const options = { pool, checksums: true, signal: stop.signal, onProgress: () => stop.abort() }
    await assert.rejects(hashContent(planOf(BIG, dir), rootIn(dir), options), { name: 'AbortError' })
  })
})
