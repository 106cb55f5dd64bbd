// Runs the tests: `npm test` for all, `npm test -- <text>` for the files whose path contains the text.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'rolldown'
import bundles from '../rolldown.config.js'
import { describeRefusal, guarded, readRefusals } from './support/guard/refusals.js'
import { OFFLINE } from './support/offline.js'
import { hasPartner, IS_INTEROP_REQUIRED, PARTNERS, type Partner } from './support/partners.js'
import { TempFolder } from './support/temp-folder.js'

const ROOT = fileURLToPath(new URL('.', import.meta.url))
const MINUTE_MS = 60_000

interface Group {
  readonly name: string
  readonly owns: (path: string) => boolean
  /** Files at a time. */
  readonly concurrency: number
  /** Of a file: what waits for longer waits in vain. */
  readonly timeoutMs: number
}

/** The cheap ones first; what starts whole programs and moves GiB goes one after the other. */
const GROUPS: readonly Group[] = [
  {
    name: 'unit',
    owns: path => !/^(e2e|hostile|interop|bench)\//.test(path),
    concurrency: Math.max(2, availableParallelism()),
    timeoutMs: 5 * MINUTE_MS,
  },
  { name: 'end-to-end', owns: path => path.startsWith('e2e/'), concurrency: 1, timeoutMs: 15 * MINUTE_MS },
  { name: 'hostile', owns: path => path.startsWith('hostile/'), concurrency: 1, timeoutMs: 15 * MINUTE_MS },
  { name: 'interop', owns: path => path.startsWith('interop/'), concurrency: 2, timeoutMs: 15 * MINUTE_MS },
  { name: 'benchmark', owns: path => path.startsWith('bench/'), concurrency: 1, timeoutMs: 15 * MINUTE_MS },
]

const PARTNER_NAMES: Readonly<Record<Partner, string>> = {
  libtorrent: 'python3-libtorrent',
  aria2: 'aria2',
  transmission: 'transmission-daemon',
  opentracker: 'opentracker',
  mktorrent: 'mktorrent',
  namespaces: 'namespaces (Linux, as root)',
}

async function main(wanted: string | undefined): Promise<number> {
  const files = findTests(wanted)
  if (files.length === 0) {
    console.error(`no test file has ${JSON.stringify(wanted)} in its path`)
    return 2
  }
  const missing = PARTNERS.filter(partner => !hasPartner(partner)).map(partner => PARTNER_NAMES[partner])
  if (missing.length > 0 && IS_INTEROP_REQUIRED) {
    console.error(`TORRENT_INTEROP=required, but not here: ${missing.join(', ')}`)
    return 1
  }

  await bundleAnew()
  const failed: string[] = []
  for (const group of GROUPS) {
    const own = files.filter(group.owns)
    if (own.length === 0) continue
    console.log(`\n── ${group.name} tests, ${own.length} files ──`)
    if (!(await runGroup(group, own))) failed.push(group.name)
  }

  console.log(failed.length === 0 ? '\nEvery test passed.' : `\nFailed: ${failed.join(', ')} tests.`)
  if (missing.length > 0) console.log(`Left out: the tests that need ${missing.join(', ')}.`)
  return failed.length === 0 ? 0 : 1
}

function findTests(wanted: string | undefined): string[] {
  return readdirSync(ROOT, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.test.js'))
    .map(entry => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter(path => wanted === undefined || path.includes(wanted))
    .sort()
}

/** Makes the bundle that tests start as users do, unless it is newer than all that was compiled, and than how it is made. */
async function bundleAnew(): Promise<void> {
  const compiled = readdirSync(join(ROOT, '../src'), { recursive: true, encoding: 'utf8' })
  const sources = [...compiled.map(file => join('../src', file)), '../rolldown.config.js']
  const changedAt = Math.max(...sources.map(file => statSync(join(ROOT, file)).mtimeMs))
  const program = join(ROOT, '../bundle/main.cjs')
  if (existsSync(program) && statSync(program).mtimeMs > changedAt) return
  // One after the other: the first one empties the folder.
  for (const bundle of bundles) await build(bundle)
}

/** True where all its tests passed, and none of their processes tried to reach another machine. */
async function runGroup(group: Group, files: readonly string[]): Promise<boolean> {
  const args = [
    '--enable-source-maps',
    '--test',
    '--test-reporter=spec',
    `--test-concurrency=${group.concurrency}`,
    `--test-timeout=${group.timeoutMs}`,
    ...files.map(file => join(ROOT, file)),
  ]
  await using folder = new TempFolder()
  const record = folder.join('refusals')
  const env = { ...process.env, ...OFFLINE, ...guarded(record) }
  const runner = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'], env })
  const code = await new Promise((resolve, reject) => {
    runner.on('error', reject)
    runner.on('close', resolve)
  })
  const refusals = readRefusals(record)
  if (refusals.length > 0) console.error('\nWould have left this machine:')
  for (const refusal of refusals) console.error(`  ${describeRefusal(refusal)}`)
  return code === 0 && refusals.length === 0
}

process.exitCode = await main(process.argv[2])
