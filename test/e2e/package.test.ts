import assert from 'node:assert/strict'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Finished, run } from '../support/child.js'
import { writeRandomFile } from '../support/content.js'
import { PROJECT } from '../support/project.js'
import { TempFolder } from '../support/temp-folder.js'

const MOST_BYTES = 1_000_000

/** Parses what is no torrent and what is one, and checks the content in threads. */
const PROGRAM = `
  try {
    parseMetainfo(Buffer.from('de'))
  } catch (error) {
    console.log(error instanceof CodedError)
  }
  const metainfo = parseMetainfo(readFileSync('content.torrent'))
  checkContent(metainfo, '.', { onProgress() {} }).then(({ badPieces }) => console.log(metainfo.name, badPieces, 'bad pieces'))
`

describe('the package', () => {
  const folder = new TempFolder()
  /** With a space, as folders of users have. */
  const home = folder.join('a home')
  const installed = join(home, 'node_modules', 'torrent')
  let tarball = ''

  const npm = async (cwd: string, ...args: readonly string[]): Promise<string> => {
    // A cache of its own: nothing that was downloaded before can be found there.
    const command = ['npm', ...args, '--ignore-scripts', '--offline', '--cache', folder.join('cache')]
    const { code, stdout, stderr } = await run(command, { cwd })
    assert.equal(code, 0, stderr)
    return stdout
  }

  /** Runs the program that npm linked. */
  const torrent = async (
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Finished> =>
    await run([process.execPath, join(home, 'node_modules', '.bin', 'torrent'), ...args], {
      cwd: home,
      env: { DEBUG: undefined, XDG_STATE_HOME: folder.join('state'), ...env },
    })

  before(async () => {
    await mkdir(home)
    await writeFile(join(home, 'package.json'), '{ "private": true }')
    const [packed] = JSON.parse(await npm(PROJECT, 'pack', '--json', '--pack-destination', folder.path))
    tarball = folder.join(packed.filename)
    await npm(home, 'install', '--no-audit', '--no-fund', tarball)
  })

  after(async () => await folder[Symbol.asyncDispose]())

  it(`takes no more than ${MOST_BYTES} bytes`, async () => {
    const { size } = await stat(tarball)
    assert.ok(size <= MOST_BYTES, `it takes ${size}`)
  })

  it('prints the version that it has', async () => {
    const { version } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8'))
    assert.deepEqual(await torrent(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' })
  })

  it('makes a torrent, shows it and checks the content, with threads of its own', async () => {
    await writeRandomFile(join(home, 'content.bin'), 3_000_000, 1)
    const made = await torrent(['make', 'content.bin', '-o', 'content.torrent'])
    assert.equal(made.code, 0, made.stderr)
    assert.match((await torrent(['info', 'content.torrent'])).stdout, /^name +content\.bin$/m)
    assert.match((await torrent(['check', 'content.torrent'])).stdout, /^ok {2}content\.bin: 1 file/)
  })

  it('writes its debug log, and stack traces with lines of the sources', async () => {
    // Nothing listens at port 1.
    const peer = [
      '--no-tracker',
      '--peer',
      '127.0.0.1:1',
      '--timeout',
      '1s',
      '-p',
      '0',
      '--bind',
      '127.0.0.1',
    ]
    const { code, stderr } = await torrent(['get', 'content.torrent', '-d', 'got', ...peer], {
      DEBUG: 'torrent:*',
    })
    assert.equal(code, 4, stderr)
    assert.match(stderr, /torrent:client 127\.0\.0\.1:1 .*ECONNREFUSED/)
    assert.match(stderr, /^ +at .*[\\/]src[\\/]cli[\\/]transfer[\\/]transfer\.ts:\d+:\d+\)$/m)
  })

  it('shows a defect in a thread with lines of the sources, too', async () => {
    const defect = "require('node:crypto').createHash = () => { throw new TypeError('provoked') }"
    await writeFile(join(home, 'defect.cjs'), `if (!require('node:worker_threads').isMainThread) ${defect}\n`)
    const { code, stderr } = await torrent(['check', 'content.torrent'], {
      DEBUG: 'torrent:*',
      NODE_OPTIONS: '--require ./defect.cjs',
    })
    assert.equal(code, 1, stderr)
    assert.match(stderr, /^TypeError: provoked$/m)
    assert.match(stderr, /^ +at .*[\\/]src[\\/]client[\\/]disk[\\/]worker[\\/]piece-check\.ts:\d+:\d+\)$/m)
  })

  it('carries the licences of what is bundled', async () => {
    const licences = await readFile(join(installed, 'dist', 'bundle', 'THIRD-PARTY-LICENSES.txt'), 'utf8')
    for (const name of ['commander', 'undici', 'bencode', 'cli-progress', 'debug', 'ipaddr.js']) {
      assert.match(licences, new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(MIT\\)$`, 'm'))
    }
  })

  for (const [kind, file, head] of [
    [
      'an ES module',
      'program.mjs',
      "import { readFileSync } from 'node:fs'; import { CodedError, checkContent, parseMetainfo } from 'torrent'",
    ],
    [
      'CommonJS',
      'program.cjs',
      "const { readFileSync } = require('node:fs'); const { CodedError, checkContent, parseMetainfo } = require('torrent')",
    ],
  ] as const) {
    it(`is usable by a program that is ${kind}`, async () => {
      await writeFile(join(home, file), `${head}\n${PROGRAM}`)
      const { stdout, stderr } = await run([process.execPath, file], { cwd: home })
      assert.equal(stdout, 'true\ncontent.bin 0 bad pieces\n', stderr)
    })
  }
})
