import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { run } from '../support/child.js'
import { PROJECT } from '../support/project.js'
import { TempFolder } from '../support/temp-folder.js'
import { casesOf } from './all-cases.js'

const MAIN = join(PROJECT, 'dist', 'test', 'bench', 'main.js')
/** Far more than it takes: it is no test of speed. */
const WITHIN_MS = 10 * 60_000

interface Kept {
  readonly machine: { readonly cpu: string; readonly versions: Readonly<Record<string, string>> }
  readonly results: readonly { readonly name: string; readonly figures: KeptFigures }[]
  readonly skipped: readonly { readonly name: string; readonly reason: string }[]
  readonly failed: readonly { readonly name: string; readonly reason: string }[]
}

type KeptFigures =
  | {
      readonly type: 'comparison'
      readonly ours: readonly KeptSample[]
      readonly others: readonly KeptSample[]
    }
  | { readonly type: 'curve'; readonly columns: readonly string[]; readonly rows: readonly unknown[][] }

interface KeptSample {
  readonly wallMs: number
  readonly cpuMs: number
  readonly peakBytes: number
}

async function bench(...args: readonly string[]) {
  return await run([process.execPath, MAIN, ...args], { withinMs: WITHIN_MS })
}

describe('the benchmark', () => {
  it('measures every case whose partners are here, and says which it left out', async () => {
    await using folder = new TempFolder()
    const file = folder.join('kept.json')
    const { code, stdout, stderr } = await bench('--short', '--folder', folder.path, '--json', file)
    assert.equal(code, 0, stderr)
    const kept = JSON.parse(await readFile(file, 'utf8')) as Kept

    assert.deepEqual(kept.failed, [])
    const seen = [...kept.results, ...kept.skipped].map(({ name }) => name)
    assert.deepEqual(
      seen.sort(),
      casesOf(undefined)
        .map(({ name }) => name)
        .sort(),
    )
    for (const { name, figures } of kept.results) {
      assert.match(stdout, new RegExp(`^${name}: `, 'm'))
      if (figures.type === 'curve') {
        assert.ok(figures.rows.length > 0, name)
        for (const row of figures.rows) assert.equal(row.length, figures.columns.length, name)
        continue
      }
      assert.equal(figures.ours.length, 1, name)
      assert.equal(figures.others.length, 1, name)
      for (const sample of [...figures.ours, ...figures.others]) {
        for (const figure of Object.values(sample))
          assert.ok(figure > 0, `${name}: ${JSON.stringify(sample)}`)
      }
    }
    for (const { name, reason } of kept.skipped) {
      assert.match(reason, /^needs \w+: .+ install /, name)
      assert.match(stdout, new RegExp(`^${name}: skipped, needs `, 'm'))
    }
    assert.ok(kept.machine.cpu !== '' && kept.machine.versions.torrent !== undefined)
  })

  it('keeps standard output for the samples where they are asked for there', async () => {
    await using folder = new TempFolder()
    const { stdout } = await bench('--short', '--case', 'huge-engine', '--folder', folder.path, '--json')
    const kept = JSON.parse(stdout) as Kept
    assert.deepEqual(
      kept.results.map(({ name }) => name),
      ['huge-engine'],
    )
  })

  it('draws tables for a page', async () => {
    const { stdout } = await bench('--short', '--case', 'huge-engine', '--markdown')
    assert.match(stdout, /^\| order +\| +pieces \|.*\n\| -+ \| -+: \|/m)
  })

  it('lists cases by the beginning of their names', async () => {
    const { stdout } = await bench('--list', '--case', 'make')
    assert.deepEqual(stdout.match(/^\S+/gm), ['make-v1', 'make-v2', 'make-hybrid'])
  })

  it('names what it does not know', async () => {
    const { code, stderr } = await bench('--case', 'nothing')
    assert.equal(code, 2)
    assert.match(stderr, /there is no nothing/)
  })
})
