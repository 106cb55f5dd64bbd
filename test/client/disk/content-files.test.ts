import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { DiskError, type DiskErrorCode } from '../../../src/client/disk/disk-error.js'
import { DiskPool } from '../../../src/client/disk/disk-pool.js'
import type { StorageLayout } from '../../../src/client/disk/layout.js'
import type { ContentEntry, FileEntry } from '../../../src/protocol/metainfo/metainfo.js'
import {
  ALL,
  contentOf,
  makeSample,
  openFilesBelow,
  receivePiece,
  testFolder,
  Witness,
  wireBytes,
} from './support.js'

const isWindows = process.platform === 'win32'

/** Two files of 100 bytes in a folder of the torrent's folder. */
const LAYOUT = layoutOf([file(['sub', 'one'], 100, 0), file(['sub', 'two'], 100, 100)])

describe('what is in the way of content', {
  skip: isWindows && 'symlinks need privileges on Windows',
}, () => {
  const cases: { name: string; arrange: (dir: string, outside: string) => void; code: DiskErrorCode }[] = [
    {
      name: "a symlink as the torrent's folder",
      arrange: (dir, outside) => symlinkSync(outside, join(dir, 'content')),
      code: 'symlink',
    },
    {
      name: 'a symlink as a folder within',
      arrange: (dir, outside) => {
        mkdirSync(join(dir, 'content'))
        symlinkSync(outside, join(dir, 'content', 'sub'))
      },
      code: 'symlink',
    },
    {
      name: 'a symlink as a file',
      arrange: (dir, outside) => {
        mkdirSync(join(dir, 'content', 'sub'), { recursive: true })
        symlinkSync(join(outside, 'victim'), join(dir, 'content', 'sub', 'one'))
      },
      code: 'symlink',
    },
    {
      name: 'a symlink to nothing as a file',
      arrange: (dir, outside) => {
        mkdirSync(join(dir, 'content', 'sub'), { recursive: true })
        symlinkSync(join(outside, 'new'), join(dir, 'content', 'sub', 'one'))
      },
      code: 'symlink',
    },
    {
      name: 'a folder as a file',
      arrange: dir => mkdirSync(join(dir, 'content', 'sub', 'one'), { recursive: true }),
      code: 'not-a-file',
    },
    {
      name: 'a named pipe as a file',
      arrange: dir => {
        mkdirSync(join(dir, 'content', 'sub'), { recursive: true })
        execFileSync('mkfifo', [join(dir, 'content', 'sub', 'one')])
      },
      code: 'not-a-file',
    },
    {
      name: 'a file as a folder',
      arrange: dir => {
        mkdirSync(join(dir, 'content'))
        writeFileSync(join(dir, 'content', 'sub'), 'here first')
      },
      code: 'not-a-folder',
    },
  ]
  for (const { name, arrange, code } of cases) {
    test(name, async context => {
      const dir = testFolder(context)
      const outside = testFolder(context)
      writeFileSync(join(outside, 'victim'), 'untouched')
      arrange(dir, outside)
      await using pool = new DiskPool({ workers: 2 })
      await using storage = pool.openStorage(LAYOUT, { dir, mode: 'write' })
      const witness = new Witness()
      storage.listen(witness)
      await receivePiece(pool, storage, witness, 0, new Uint8Array(200))
      await witness.until(() => witness.errors.length > 0)
      assert.equal(witness.errors[0]?.error.code, code)
      await assert.rejects(storage.stat(), isDiskError(code))
      assert.deepEqual(readdirSync(outside), ['victim'])
      assert.equal(readFileSync(join(outside, 'victim'), 'utf8'), 'untouched')
    })
  }
})

describe('the files of a torrent', () => {
  test("the user's own folder may be a symlink, and has to be there", async context => {
    const real = testFolder(context)
    const dir = join(testFolder(context), 'link')
    await using pool = new DiskPool({ workers: 1 })
    const missing = pool.openStorage(LAYOUT, { dir, mode: 'write' })
    await assert.rejects(missing.prepare(ALL), isDiskError('not-found'))
    if (isWindows) return
    symlinkSync(real, dir)
    await using storage = pool.openStorage(LAYOUT, { dir, mode: 'write' })
    await storage.prepare(ALL)
    assert.ok(statSync(join(real, 'content', 'sub')).isDirectory())
  })

  test('prepare makes folders and empty files; finish makes symlinks and executable files', async context => {
    const dir = testFolder(context)
    const layout = layoutOf([
      { ...file(['bin', 'tool'], 10, 0), isExecutable: true },
      file(['empty'], 0, 10),
      { type: 'symlink', path: ['links', 'tool'], target: ['bin', 'tool'], length: 0, offset: 10 },
    ])
    await using pool = new DiskPool({ workers: 2 })
    await using storage = pool.openStorage(layout, { dir, mode: 'write' })
    const witness = new Witness()
    storage.listen(witness)
    await storage.prepare(ALL)
    assert.equal(lstatSync(storage.pathOf(1)).size, 0)
    assert.deepEqual(readdirSync(join(dir, 'content')).sort(), ['bin', 'empty'])
    await receivePiece(pool, storage, witness, 0, new Uint8Array(10).fill(7))
    await witness.until(() => witness.hashed.size > 0)
    await storage.finish(ALL)
    if (isWindows) return
    assert.equal(readlinkSync(storage.pathOf(2)), join('..', 'bin', 'tool'))
    assert.equal(readFileSync(storage.pathOf(2)).length, 10)
    assert.equal(statSync(storage.pathOf(0)).mode & 0o111, (statSync(storage.pathOf(0)).mode >> 2) & 0o111)
    await storage.finish(ALL)
  })

  test('drain waits until all that was received is in the files, whichever worker writes it', async context => {
    const dir = testFolder(context)
    const sample = makeSample({
      version: 'v1',
      pieceLength: 65_536,
      lengths: [4_000_000],
      hasPads: false,
      seed: 2,
    })
    await using pool = new DiskPool({ workers: 2 })
    await using storage = pool.openStorage(sample.layout, { dir, mode: 'write' })
    const witness = new Witness()
    storage.listen(witness)
    for (let piece = 0; piece < sample.map.pieceCount; piece++)
      await receivePiece(pool, storage, witness, piece, wireBytes(sample, piece))
    await storage.drain()
    assert.equal(witness.hashed.size, sample.map.pieceCount)
    assert.deepEqual(new Uint8Array(readFileSync(storage.pathOf(0))), contentOf(sample, 0))
  })

  test('a file that was taken away, or cut, is found changed until it is taken as it is', async context => {
    const dir = testFolder(context)
    await using pool = new DiskPool({ workers: 1 })
    await using storage = pool.openStorage(layoutOf([file(['one'], 100, 0)]), { dir, mode: 'write' })
    const witness = new Witness()
    storage.listen(witness)
    await storage.prepare(ALL)
    await receivePiece(pool, storage, witness, 0, new Uint8Array(100).fill(7))
    await witness.until(() => witness.hashed.size > 0)
    await storage.finish(ALL)
    assert.deepEqual(await storage.files.findChanged(), [])
    writeFileSync(storage.pathOf(0), 'cut')
    assert.deepEqual(await storage.files.findChanged(), [0])
    await storage.files.rebase([0])
    assert.deepEqual(await storage.files.findChanged(), [])
    rmSync(storage.pathOf(0))
    assert.deepEqual(await storage.files.findChanged(), [0])
  })

  test('a finished symlink does not replace what is there', { skip: isWindows }, async context => {
    const dir = testFolder(context)
    const layout = layoutOf([{ type: 'symlink', path: ['link'], target: ['other'], length: 0, offset: 0 }])
    mkdirSync(join(dir, 'content'))
    writeFileSync(join(dir, 'content', 'link'), 'mine')
    await using pool = new DiskPool({ workers: 1 })
    await using storage = pool.openStorage(layout, { dir, mode: 'write' })
    await assert.rejects(storage.finish(ALL), isDiskError('exists'))
    assert.equal(readFileSync(join(dir, 'content', 'link'), 'utf8'), 'mine')
  })

  test('no more files are open than allowed, and none once all is closed', async context => {
    const dir = testFolder(context)
    const lengths = Array.from({ length: 300 }, () => 1000)
    const sample = makeSample({ version: 'v1', pieceLength: 16_384, lengths, hasPads: false, seed: 1 })
    const pool = new DiskPool({ workers: 2, descriptors: 10 })
    const storage = pool.openStorage(sample.layout, { dir, mode: 'write' })
    const witness = new Witness()
    storage.listen(witness)
    let most = 0
    for (let piece = 0; piece < sample.map.pieceCount; piece++) {
      await receivePiece(pool, storage, witness, piece, wireBytes(sample, piece))
      await witness.until(() => witness.hashed.has(piece))
      most = Math.max(most, openFilesBelow(dir) ?? 10)
    }
    assert.ok(most > 0 && most <= 10, `${most} files were open`)
    await storage.close()
    assert.equal(openFilesBelow(dir) ?? 0, 0)
    await pool.close()
    assert.deepEqual(
      process.getActiveResourcesInfo().filter(name => name === 'Worker' || name === 'MessagePort'),
      [],
    )
    await assert.rejects(storage.stat(), isDiskError('closed'))
    assert.throws(() => pool.openStorage(sample.layout, { dir, mode: 'write' }), isDiskError('closed'))
  })

  test('a file that may not be written', {
    skip: process.getuid?.() === 0 && 'root may write everything',
  }, async context => {
    const dir = testFolder(context)
    mkdirSync(join(dir, 'content'))
    chmodSync(join(dir, 'content'), 0o500)
    await using pool = new DiskPool({ workers: 1 })
    await using storage = pool.openStorage(LAYOUT, { dir, mode: 'write' })
    await assert.rejects(storage.prepare(ALL), isDiskError('permission'))
    chmodSync(join(dir, 'content'), 0o700)
  })
})

describe('a full disk', () => {
  test('is said, with the file, and nothing is lost once there is room again', async context => {
    const dir = smallDisk(context)
    if (dir === undefined) return context.skip('only root can mount a small disk for this')
    const sample = makeSample({
      version: 'hybrid',
      pieceLength: 2 ** 20,
      lengths: [3e6],
      hasPads: false,
      seed: 1,
    })
    writeFileSync(join(dir, 'ballast'), new Uint8Array(1.5e6))
    await using pool = new DiskPool({ workers: 2 })
    await using storage = pool.openStorage(sample.layout, { dir, mode: 'write' })
    const witness = new Witness()
    storage.listen(witness)
    const pieces = [0, 1, 2]
    for (const piece of pieces) await receivePiece(pool, storage, witness, piece, wireBytes(sample, piece))
    await witness.until(() => witness.errors.length + witness.hashed.size === 3)
    assert.ok(witness.errors.length > 0)
    for (const { error } of witness.errors) {
      assert.equal(error.code, 'full')
      assert.match(error.message, /^No space left on the disk while writing .*file 0: free some space/)
    }
    writeFileSync(join(dir, 'ballast'), '')
    const failed = pieces.filter(piece => !witness.hashed.has(piece))
    for (const piece of failed) await receivePiece(pool, storage, witness, piece, wireBytes(sample, piece))
    await witness.until(() => witness.hashed.size === 3)
    assert.equal(pool.usage.receiveBytes, 0)
  })

  test("a limit of the user's file size is one too", { skip: isWindows }, context => {
    const dir = testFolder(context)
    const program = fileURLToPath(new URL('./write-once.js', import.meta.url))
    const { stdout } = spawnSync(
      'sh',
      ['-c', 'ulimit -f 64; "$0" "$1" "$2"', process.execPath, program, dir],
      {
        encoding: 'utf8',
      },
    )
    assert.match(stdout, /^too-large: The file is too large for .* while writing .*file 0/)
    assert.ok(existsSync(join(dir, 'content')))
  })
})

/** A disk of 3 MiB, taken away when the test ends; undefined where this user cannot have one. */
function smallDisk(context: TestContext): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined
  const dir = mkdtempSync(join(tmpdir(), 'torrent-small-'))
  const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', dir]).status === 0
  context.after(() => {
    if (isMounted) execFileSync('umount', ['-l', dir])
    rmdirSync(dir)
  })
  return isMounted ? dir : undefined
}

function isDiskError(code: DiskErrorCode): (error: unknown) => boolean {
  return error => {
    assert.ok(error instanceof DiskError, String(error))
    assert.equal(error.code, code)
    return true
  }
}

function layoutOf(entries: ContentEntry[]): StorageLayout {
  return { version: 'v1', name: 'content', isFolder: true, pieceLength: 16_384, pieceCount: 1, entries }
}

function file(path: string[], length: number, offset: number): FileEntry {
  return { type: 'file', path, length, offset, isExecutable: false, sha256: undefined, piecesRoot: undefined }
}
