import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Comparison, Curve } from '../bench-case.js'
import { type Result, reportOf, summaryOf } from './report.js'

const MB = 1e6

function sample(wallMs: number, cpuMs: number, peakMb: number) {
  return { wallMs, cpuMs, peakBytes: peakMb * MB }
}

const GET: Comparison = {
  type: 'comparison',
  other: 'aria2',
  bytes: 1000 * MB,
  ours: [sample(1000, 500, 100), sample(2000, 1000, 110), sample(3000, 1500, 120)],
  others: [sample(2000, 1000, 20), sample(4000, 2000, 22), sample(30_000, 3000, 24)],
  note: undefined,
  verdicts: [
    { figure: 'speed', value: 2, unit: '×', bound: 'at least', aim: 3 },
    { figure: 'CPU time', value: 0.5, unit: '×', bound: 'at most', aim: 1 },
  ],
}

const CURVE: Curve = {
  type: 'curve',
  columns: ['torrents', 'MB'],
  rows: [
    [1, 70],
    [10_000, 350.5],
  ],
  verdicts: [{ figure: 'memory each', value: 28, unit: 'KB', bound: 'at most', aim: 30 }],
}

function resultOf(name: string, figures: Comparison | Curve, repeats: readonly string[] = []): Result {
  return { name, title: 'what it is', figures, repeats }
}

describe('the report of the benchmark', () => {
  it('compares medians: each ratio is that of the figures above it', () => {
    const report = reportOf(resultOf('get', GET), 'plain')
    assert.match(report, /^get: what it is$/m)
    assert.match(report, /^torrent +2\.00 +\(1\.00–3\.00\) +500 +1\.00 +1\.00 +110$/m)
    assert.match(report, /^aria2 +4\.00 +\(2\.00–30\.00\) +250 +2\.00 +2\.00 +22$/m)
    assert.match(report, /^ratio +×2\.00 +×0\.50 +×5\.00$/m)
  })

  it('says which runs were repeated', () => {
    assert.match(
      reportOf(resultOf('get', GET, ['get: aria2: late']), 'plain'),
      /^repeated: get: aria2: late$/m,
    )
  })

  it('names wins and losses alike', () => {
    const summary = summaryOf([resultOf('get', GET), resultOf('torrents', CURVE)], 'plain')
    assert.match(summary, /^get +speed +× 2 +at least × 3 +missed$/m)
    assert.match(summary, /^get +CPU time +× 0\.5 +at most × 1 +reached$/m)
    assert.match(summary, /^torrents +memory each +28 KB +at most 30 KB +reached$/m)
  })

  it('draws a curve as a table for a page', () => {
    assert.equal(
      reportOf(resultOf('torrents', CURVE), 'markdown'),
      [
        '**torrents**: what it is',
        '',
        '| torrents |    MB |',
        '| -------: | ----: |',
        '|        1 |    70 |',
        '|    10000 | 350.5 |',
      ].join('\n'),
    )
  })
})
