import assert from 'node:assert/strict'
import { test } from 'node:test'
import { figuresText, summarize } from '../../src/sim/report/figures-text.js'
import { lineChart } from '../../src/sim/report/line-chart.js'

test('figures of several runs are shown by median and range, and compared with their aims', () => {
  const runs = [90, 95, 94].map(value => [
    { name: 'T*/T', value, unit: '%' as const, aim: { atLeast: 93 } },
    { name: 'bytes in vain', value: value / 100, unit: '%' as const, aim: { atMost: 0.5 } },
  ])
  const [first = '', second = ''] = figuresText(summarize(runs), runs.length).split('\n')
  assert.match(first, /T\*\/T +94 % \(90 to 95\) {2}at least 93 %: yes/)
  assert.match(second, /0\.940 % \(0\.900 to 0\.950\) {2}at most 0\.5 %: NO/)
})

test('a value that was never reached is shown as such', () => {
  const text = figuresText(
    summarize([[{ name: 'complete', value: Number.NaN, unit: 's', aim: { atMost: 3 } }]]),
    1,
  )
  assert.match(text, /never s {2}at most 3 s: NO/)
})

test('a chart has a curve for each series, within its frame', () => {
  const svg = lineChart({
    ...{ title: 'a < b', xLabel: 'seconds', yLabel: 'peers' },
    series: [
      { name: 'one', points: Array.from({ length: 5_000 }, (_, i) => [i, i * i] as const) },
      { name: 'none', points: [] },
    ],
  })
  assert.match(svg, /a &lt; b/)
  const curves = [...svg.matchAll(/points="([^"]*)"/g)].map(([, points = '']) => points)
  assert.equal(curves.length, 2)
  const places = curves[0]!.split(' ').map(point => point.split(',').map(Number))
  assert.ok(places.length < 1_000)
  assert.ok(places.every(([x = -1, y = -1]) => x >= 0 && x <= 720 && y >= 0 && y <= 400))
})
