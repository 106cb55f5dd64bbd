import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import * as module from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { binPath, runBin, startBin } from './run-bin.js'

const USAGE = 2

describe('torrent', () => {
  it('--version prints the version', async () => {
    const { status, stdout, stderr } = await runBin(['--version'])
    assert.deepEqual({ status, stderr }, { status: 0, stderr: '' })
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/)
  })

  it('--help shows examples and exit codes, without colours in a pipe', async () => {
    const { status, stdout } = await runBin(['--help'])
    assert.equal(status, 0)
    assert.match(stdout, /Examples:\n {2}torrent make/)
    assert.ok(!stdout.includes('\x1b'))
    assert.ok((await runBin(['--help'], { FORCE_COLOR: '1' })).stdout.includes('\x1b'))
  })

  it('refuses wrong usage with 2, one line and where to look', async () => {
    const { status, stdout, stderr } = await runBin(['--jsn'])
    assert.equal(status, USAGE)
    assert.equal(stdout, '')
    assert.equal(stderr, "torrent: unknown option '--jsn' (Did you mean --json?): see `torrent --help`\n")
  })

  it('tells wrong usage as an object with --json, too', async () => {
    const { status, stdout } = await runBin(['--json', '--nonsense'])
    assert.equal(status, USAGE)
    const { type, code } = JSON.parse(stdout)
    assert.deepEqual({ type, code }, { type: 'error', code: 'usage' })
  })

  it('knows no command that does not exist', async () => {
    const { status, stderr } = await runBin(['help', 'foo'])
    assert.equal(status, USAGE)
    assert.match(stderr, /^torrent: unknown command 'foo': see `torrent --help`$/m)
  })

  it('ignores a closed pipe', async () => {
    for (const args of [['--help'], ['--nonsense']]) {
      const child = startBin(args)
      child.stdout?.destroy()
      child.stderr?.destroy()
      const [status] = await once(child, 'close')
      assert.equal(status, args[0] === '--help' ? 0 : USAGE)
    }
  })

  it('says so where a result cannot be written', { skip: !existsSync('/dev/full') }, async () => {
    const disk = await open('/dev/full', 'w')
    const child = spawn(process.execPath, [binPath(), 'info', 'ab'.repeat(20)], {
      stdio: ['ignore', disk.fd, 'pipe'],
    })
    await disk.close()
    const chunks = child.stderr === null ? [] : await child.stderr.toArray()
    assert.equal(String(Buffer.concat(chunks)), 'torrent: standard output: no space left on the disk\n')
    assert.equal(child.exitCode ?? (await once(child, 'exit'))[0], 6)
  })

  it('leaves at once with 130 when Ctrl-C is pressed twice', {
    skip: process.platform === 'win32',
  }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'torrent-twice-'))
    // A tracker that never answers when a peer takes leave.
    const tracker = createServer((request, response) => {
      if (request.url?.includes('event=started')) response.end('d8:intervali1800e5:peers0:e')
    }).listen(0, '127.0.0.1')
    try {
      await once(tracker, 'listening')
      const { port } = tracker.address() as AddressInfo
      const url = `http://127.0.0.1:${port}/announce`
      const metainfo = join(folder, 'x.torrent')
      await writeFile(join(folder, 'x'), 'content')
      await runBin(['make', join(folder, 'x'), '-o', metainfo, '-t', url])
      const asked = once(tracker, 'request')
      const child = startBin(['seed', metainfo, '-d', folder, '-p', '0'], { XDG_STATE_HOME: folder })
      const ended = once(child, 'exit')
      await asked
      child.kill('SIGINT')
      // Two signals that come at the same moment are one press.
      const again = setInterval(() => child.kill('SIGINT'), 300)
      assert.deepEqual(await ended, [130, null])
      clearInterval(again)
    } finally {
      tracker.close()
      tracker.closeAllConnections()
      await rm(folder, { recursive: true })
    }
  })

  it('shows a stack trace only with DEBUG', async () => {
    assert.doesNotMatch((await runBin(['--nonsense'])).stderr, /^ +at /m)
    assert.match((await runBin(['--nonsense'], { DEBUG: 'torrent:*' })).stderr, /^ +at /m)
  })

  it("keeps compiled code in the user's cache folder, where Node.js can", {
    skip: process.platform === 'win32',
  }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'torrent-cache-'))
    try {
      const env = { NODE_COMPILE_CACHE: undefined, XDG_CACHE_HOME: join(folder, 'cache'), TMPDIR: folder }
      assert.equal((await runBin(['--help'], env)).status, 0)
      assert.deepEqual(await readdir(folder), 'enableCompileCache' in module ? ['cache'] : [])
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('says so where it is not built', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'torrent-unbuilt-'))
    try {
      await mkdir(join(folder, 'bin'))
      await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
      for (const file of ['torrent.js', 'package.json']) {
        await copyFile(join(dirname(binPath()), file), join(folder, 'bin', file))
      }
      await assert.rejects(promisify(execFile)(process.execPath, [join(folder, 'bin', 'torrent.js')]), {
        code: 1,
        stderr: 'torrent: not built yet: run `npm run build` in its folder\n',
      })
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
