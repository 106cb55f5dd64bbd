import assert from 'node:assert/strict'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { writeRandomFile } from '../support/content.js'
import { PROJECT } from '../support/project.js'
import { TempFolder } from '../support/temp-folder.js'
import { mustRun } from '../support/torrent.js'
import { getArgs, make, startSeeder } from './local-peers.js'

/** Writes down what the main thread has loaded when it exits. */
const PROBE = `
  const before = process.moduleLoadList.length
  process.on('exit', () => {
    const builtIns = process.moduleLoadList.slice(before)
    if (!require('node:worker_threads').isMainThread) return
    const loaded = { files: Object.keys(require.cache), builtIns }
    require('node:fs').writeFileSync(process.env.LOADED, JSON.stringify(loaded))
  })
`

/** What is loaded for every command. */
const ALWAYS = ['main', 'version']
const ANY_COMMAND = [...ALWAYS, 'rolldown-runtime', 'start']
const CONTENT = [...ANY_COMMAND, 'read', 'common', 'picture', 'view', 'plain-view', 'disk']

/** Built-in modules of Node.js that take milliseconds to load. */
const NETWORK = ['child_process', 'dgram', 'dns', 'http']
const UNUSUAL = ['http', 'https', 'tls', 'zlib', 'readline']
const NO_FILES = [...NETWORK, ...UNUSUAL, 'fs/promises', 'perf_hooks']

interface Expected {
  readonly command: string
  readonly args: () => readonly string[]
  /** Of the bundle, without their extension. */
  readonly files: readonly string[]
  /** All of them together, with a tenth of room: where it is exceeded on purpose, raise it. */
  readonly kilobytes: number
  /** Built-in modules that it does without. */
  readonly without: readonly string[]
}

describe('a command loads no more than it uses', () => {
  const folder = new TempFolder()
  const content = folder.join('data', 'content.bin')
  const metainfo = folder.join('content.torrent')
  let peer = ''

  const EXPECTED: readonly Expected[] = [
    { command: '--version', args: () => ['--version'], files: ALWAYS, kilobytes: 1.2, without: NO_FILES },
    { command: '--help', args: () => ['--help'], files: ANY_COMMAND, kilobytes: 130, without: NO_FILES },
    {
      command: 'info',
      args: () => ['info', metainfo],
      files: [...ANY_COMMAND, 'info', 'read', 'picture'],
      kilobytes: 310,
      without: NO_FILES,
    },
    {
      command: 'magnet',
      args: () => ['magnet', metainfo],
      files: [...ANY_COMMAND, 'magnet', 'read'],
      kilobytes: 295,
      without: NO_FILES,
    },
    {
      command: 'check',
      args: () => ['check', metainfo, '-d', dirname(content)],
      files: [...CONTENT, 'check'],
      kilobytes: 595,
      without: [...NETWORK, ...UNUSUAL],
    },
    {
      command: 'make',
      args: () => ['make', content, '-o', folder.join('made.torrent')],
      files: [...CONTENT, 'make'],
      kilobytes: 595,
      without: [...NETWORK, ...UNUSUAL],
    },
    {
      command: 'get',
      args: () => [...getArgs(metainfo, folder.join('got'), [peer]), '--exit'],
      // With `--json` it draws nothing.
      files: [...CONTENT.filter(file => file !== 'plain-view'), 'get', 'swarm'],
      kilobytes: 1_100,
      without: UNUSUAL,
    },
  ]

  before(async () => {
    await writeFile(folder.join('probe.cjs'), PROBE)
    await writeRandomFile(content, 20_000, 1)
    await make(content, metainfo)
  })

  after(async () => await folder[Symbol.asyncDispose]())

  for (const { command, args, files, kilobytes, without } of EXPECTED) {
    it(command, async () => {
      const LOADED = folder.join('loaded.json')
      await using seeder = command === 'get' ? await startSeeder(metainfo, dirname(content)) : undefined
      peer = seeder?.address ?? ''
      await mustRun(args(), { env: { LOADED, NODE_OPTIONS: `--require "${folder.join('probe.cjs')}"` } })
      const loaded = JSON.parse(await readFile(LOADED, 'utf8'))
      const bundled = loaded.files.filter((file: string) => dirname(file) === join(PROJECT, 'dist', 'bundle'))
      assert.deepEqual(bundled.map((file: string) => basename(file, '.cjs')).sort(), [...files].sort())
      let bytes = 0
      for (const file of bundled) bytes += (await stat(file)).size
      assert.ok(bytes <= kilobytes * 1_000, `${bytes} bytes of the bundle`)
      const names = loaded.builtIns.map((name: string) => name.replace('NativeModule ', ''))
      assert.deepEqual(
        without.filter(name => names.includes(name)),
        [],
        'built-in modules',
      )
    })
  }
})
