import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

  it('takes no notice of a reader who has gone', async () => {
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

  it('shows a stack trace only with DEBUG', async () => {
    assert.doesNotMatch((await runBin(['--nonsense'])).stderr, /^ +at /m)
    assert.match((await runBin(['--nonsense'], { DEBUG: 'torrent:*' })).stderr, /^ +at /m)
  })

  it('says so where it is not built', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'torrent-unbuilt-'))
    try {
      await mkdir(join(folder, 'bin'))
      await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
      await copyFile(binPath(), join(folder, 'bin', 'torrent.js'))
      await assert.rejects(promisify(execFile)(process.execPath, [join(folder, 'bin', 'torrent.js')]), {
        code: 1,
        stderr: 'torrent: not built yet: run `npm run build` in its folder\n',
      })
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
