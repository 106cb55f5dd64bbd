import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { CliError } from '../../../src/cli/errors/cli-error.js'
import {
  assertFree,
  findPlace,
  type ResultPlace,
  writeResult,
} from '../../../src/cli/torrents/torrent-file.js'

const BYTES = Buffer.from('d4:infodee')

let folder = ''
let out = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'torrent-result-'))
  out = join(folder, 'out.torrent')
})
afterEach(() => rm(folder, { recursive: true }))

async function placeOf(path: string): Promise<Exclude<ResultPlace, { type: 'stdout' }>> {
  const place = await findPlace(path)
  return place.type === 'stdout' ? assert.fail('standard output') : place
}

function isRefused(code: string, says: RegExp): (error: unknown) => boolean {
  return error => error instanceof CliError && error.code === code && says.test(error.message)
}

describe('a result that is written', () => {
  it('makes a new file, and nothing beside it', async () => {
    const place = await placeOf(out)
    assertFree(place)
    await writeResult(place, BYTES)
    assert.deepEqual(await readFile(out), BYTES)
    assert.deepEqual(await readdir(folder), ['out.torrent'])
  })

  it('keeps a file that another program has made meanwhile', async () => {
    const place = await placeOf(out)
    await writeFile(out, 'precious')
    await assert.rejects(writeResult(place, BYTES), isRefused('exists', /out\.torrent: it exists already/))
    assert.equal(await readFile(out, 'utf8'), 'precious')
    assert.deepEqual(await readdir(folder), ['out.torrent'])
  })

  it('replaces a file as a whole, with its mode', { skip: process.platform === 'win32' }, async () => {
    await writeFile(out, 'old')
    await chmod(out, 0o640)
    const before = await open(out)
    const place = await placeOf(out)
    assert.throws(() => assertFree(place), isRefused('exists', /exists already/))
    await writeResult(place, BYTES)
    assert.deepEqual(await readFile(out), BYTES)
    assert.equal((await stat(out)).mode & 0o7777, 0o640)
    assert.equal(await before.readFile('utf8'), 'old', 'a reader of the old file gets all of it')
    await before.close()
    assert.deepEqual(await readdir(folder), ['out.torrent'])
  })

  it('replaces what a symlink leads to, and keeps the symlink', {
    skip: process.platform === 'win32',
  }, async () => {
    await mkdir(join(folder, 'elsewhere'))
    const target = join(folder, 'elsewhere', 'target')
    await writeFile(target, 'old')
    await symlink(join('elsewhere', 'target'), out)
    await writeResult(await placeOf(out), BYTES)
    assert.ok((await lstat(out)).isSymbolicLink())
    assert.deepEqual(await readFile(target), BYTES)
  })

  it('makes what a symlink leads to', { skip: process.platform === 'win32' }, async () => {
    await symlink('target', out)
    await writeResult(await placeOf(out), BYTES)
    assert.ok((await lstat(out)).isSymbolicLink())
    assert.deepEqual(await readFile(join(folder, 'target')), BYTES)
  })

  it('goes through a device, which stays one', { skip: process.getuid?.() !== 0 }, async t => {
    try {
      execFileSync('mknod', [out, 'c', '1', '3'])
      await writeFile(out, 'a container may have no devices')
    } catch {
      t.skip('no device can be made here')
      return
    }
    const place = await placeOf(out)
    assertFree(place)
    await writeResult(place, BYTES)
    assert.ok((await lstat(out)).isCharacterDevice())
    assert.deepEqual(await readdir(folder), ['out.torrent'])
  })

  it('goes through a FIFO, once it has a reader', { skip: process.platform === 'win32' }, async () => {
    execFileSync('mkfifo', [out])
    // More than a FIFO holds.
    const large = Buffer.alloc(300_000, 'x')
    const writing = writeResult(await placeOf(out), large)
    const reader = spawn('cat', [out])
    // It may exit before all that it wrote is read.
    const exited = once(reader, 'exit')
    const read = text(reader.stdout)
    await writing
    assert.equal((await read).length, large.length)
    await exited
    assert.ok((await lstat(out)).isFIFO())
  })

  it('waits for the reader of a FIFO until it is stopped', {
    skip: process.platform === 'win32',
  }, async () => {
    execFileSync('mkfifo', [out])
    const stop = new AbortController()
    const writing = writeResult(await placeOf(out), BYTES, stop.signal)
    stop.abort()
    await assert.rejects(writing, { name: 'AbortError' })
  })
})

describe('a result that cannot be written is refused before the work begins', () => {
  it('into a folder that is not there', async () => {
    await assert.rejects(
      findPlace(join(folder, 'nowhere', 'x.torrent')),
      isRefused('not-written', /x\.torrent: there is no folder .*nowhere: create it/),
    )
  })

  it('onto a folder', async () => {
    await assert.rejects(findPlace(folder), isRefused('not-written', /it is a folder: name a file in it/))
  })

  it('through a symlink to itself', { skip: process.platform === 'win32' }, async () => {
    await symlink('out.torrent', out)
    await assert.rejects(findPlace(out), isRefused('not-written', /too many symbolic links/))
  })
})
