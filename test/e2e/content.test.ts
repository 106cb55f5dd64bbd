import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { digestTree, sha256OfFile, writeRandomFile, writeSparseFile, writeTree } from '../support/content.js'
import { TempFolder } from '../support/temp-folder.js'
import { mustRun } from '../support/torrent.js'
import { make, startLeecher, startSeeder } from './local-peers.js'

const GIB = 2 ** 30
/** Far above what is needed, far below what a client would take that keeps pieces or lists by size. */
const MEMORY_BOUND = 512 * 2 ** 20

interface Case {
  readonly name: string
  readonly write: (path: string) => Promise<void>
  readonly makeOptions?: readonly string[]
}

const CASES: readonly Case[] = [
  { name: 'a file of one byte', write: path => writeRandomFile(path, 1, 1) },
  { name: 'an empty file', write: path => writeRandomFile(path, 0, 1) },
  ...(['v1', 'v2', 'hybrid'] as const).map(format => ({
    name: `a folder of odd sizes and empty files, ${format}`,
    write: (path: string) =>
      writeTree(
        path,
        [
          { path: 'empty', bytes: 0 },
          { path: 'large.bin', bytes: 20_000_003 },
          { path: 'sub/one-byte', bytes: 1 },
          { path: 'sub/whole', bytes: 2 ** 20 },
        ],
        1,
      ),
    makeOptions: ['--format', format],
  })),
  {
    name: 'a folder of 10,000 small files',
    write: path =>
      writeTree(
        path,
        Array.from({ length: 10_000 }, (_, i) => ({ path: `${i % 100}/${i}.txt`, bytes: (i * 37) % 3000 })),
        1,
      ),
  },
  { name: 'a file of 4 GiB', write: path => writeSparseFile(path, 4 * GIB, 1, 2000) },
]

describe('make, seed, get and check', () => {
  for (const { name, write, makeOptions = [] } of CASES) {
    it(`carry ${name} over, to the last byte`, async () => {
      await using folder = new TempFolder()
      const content = folder.join('data', 'content')
      await write(content)
      const metainfo = await make(content, folder.join('content.torrent'), ...makeOptions)

      await using seeder = await startSeeder(metainfo, folder.join('data'))
      await using leecher = startLeecher(metainfo, folder.join('got'), [seeder.address])
      const { path, sha256 } = await leecher.waitFor('complete', undefined, { withinMs: 300_000 })
      const peak = await peakMemory(leecher.child.pid)
      assert.ok(peak < MEMORY_BOUND, `took ${peak} bytes of memory`)
      assert.equal((await leecher.stop()).code, 0)

      assert.equal(path, folder.join('got', 'content'))
      const wanted = await digestTree(content)
      assert.deepEqual(await digestTree(path), wanted)
      if (sha256 !== undefined) assert.equal(sha256, await sha256OfFile(path))
      await mustRun(['check', metainfo, '-d', folder.join('got')])
    })
  }
})

/** The most memory that a process has had resident, in bytes; 0 where the platform does not tell. */
async function peakMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024
}
