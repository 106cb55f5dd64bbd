import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { run } from '../support/child.js'
import { without } from '../support/partners.js'
import { PROJECT } from '../support/project.js'

const BENCH = join(PROJECT, 'dist', 'test', 'bench', 'main.js')

interface Figures {
  readonly cases: readonly {
    readonly case: string
    readonly format: string
    readonly ratios: Readonly<Record<string, number>>
  }[]
}

describe('the benchmark', { skip: without('libtorrent') }, () => {
  it('measures every case against libtorrent, whatever the figures are', async () => {
    const args = ['--size', '16MiB', '--rounds', '1', '--json']
    const { code, stdout, stderr } = await run([process.execPath, BENCH, ...args], { withinMs: 5 * 60_000 })
    assert.equal(code, 0, stderr)

    const { cases } = JSON.parse(stdout) as Figures
    const measured = cases.map(bench => `${bench.case} ${bench.format}`)
    assert.deepEqual(measured, ['get v1', 'get v2', 'get hybrid', 'seed v1', 'both v1'])
    for (const { ratios } of cases) {
      assert.deepEqual(Object.keys(ratios), ['speed', 'cpu', 'peak'])
      for (const ratio of Object.values(ratios)) assert.ok(Number.isFinite(ratio) && ratio > 0, `${ratio}`)
    }
  })
})
