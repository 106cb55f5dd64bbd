import { type Chart, lineChart } from '../report/line-chart.js'
import type { DhtResult } from './dht-result.js'
import { endedLookups } from './dht-scenarios.js'

/** The pictures of a run, by name. */
export function dhtCurvesOf(result: DhtResult): Map<string, string> {
  const ended = endedLookups(result)
  const charts: readonly [string, Chart][] = [
    [
      'queries',
      {
        title: 'Lookups that ended with at most so many queries',
        xLabel: 'queries',
        yLabel: 'percent of the lookups',
        series: [{ name: 'all', points: shares(ended.map(({ queries }) => queries)) }],
      },
    ],
    [
      'times',
      {
        title: 'Lookups that ended within a time',
        xLabel: 'seconds',
        yLabel: 'percent of the lookups',
        series: [{ name: 'all', points: shares(ended.map(({ tookMs }) => tookMs / 1_000)) }],
      },
    ],
  ]
  return new Map(charts.map(([name, chart]) => [name, lineChart(chart)]))
}

/** For each value the percentage of all that are no greater. */
function shares(values: readonly number[]): (readonly [number, number])[] {
  const sorted = [...values].sort((a, b) => a - b)
  return [[0, 0] as const, ...sorted.map((value, i) => [value, (100 * (i + 1)) / sorted.length] as const)]
}
