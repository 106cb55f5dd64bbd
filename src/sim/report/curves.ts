import { leechers } from '../scenarios/measures.js'
import { contentBytes } from '../world/swarm-plan.js'
import type { SwarmResult } from '../world/swarm-result.js'
import { type Chart, lineChart } from './line-chart.js'

/** The pictures of a run, by name. */
export function curvesOf(result: SwarmResult): Map<string, string> {
  const charts: readonly [string, Chart][] = [
    ['complete', peersComplete(result)],
    ['seed', bytesOfTheSeed(result)],
    ['shares', shareRatios(result)],
  ]
  return new Map(charts.map(([name, chart]) => [name, lineChart(chart)]))
}

function peersComplete(result: SwarmResult): Chart {
  const all = leechers(result)
  const kinds = [...new Set(all.map(({ plan }) => plan.kind))]
  return {
    title: 'Peers that are complete',
    xLabel: 'seconds',
    yLabel: 'peers',
    series: kinds.map(kind => {
      const times = all
        .flatMap(({ plan, completedAt }) =>
          plan.kind === kind && completedAt !== undefined ? [completedAt] : [],
        )
        .sort((a, b) => a - b)
      const steps = times.map((time, i) => [time / 1_000, i + 1] as const)
      return { name: kind, points: [[0, 0] as const, [(times[0] ?? 0) / 1_000, 0] as const, ...steps] }
    }),
  }
}

function bytesOfTheSeed({ samples, plan }: SwarmResult): Chart {
  const bytes = contentBytes(plan)
  const leecherCount = plan.hosts.filter(({ isSeed }) => !isSeed).length
  return {
    title: 'Copies sent by the seed, and held by a peer on average',
    xLabel: 'seconds',
    yLabel: 'copies',
    series: [
      {
        name: 'sent by the seed',
        points: samples.map(each => [each.timeMs / 1_000, each.seedBytes / bytes]),
      },
      {
        name: 'held by a peer',
        points: samples.map(each => [each.timeMs / 1_000, each.pieces / leecherCount / plan.pieceCount]),
      },
    ],
  }
}

function shareRatios(result: SwarmResult): Chart {
  const all = leechers(result)
  const kinds = [...new Set(all.map(({ plan }) => plan.kind))]
  return {
    title: 'Share ratio: bytes sent for each byte received, least first',
    xLabel: 'percent of the peers',
    yLabel: 'ratio',
    series: kinds.map(kind => {
      const ratios = all
        .filter(({ plan, received }) => plan.kind === kind && received > 0)
        .map(({ sent, received }) => sent / received)
        .sort((a, b) => a - b)
      return { name: kind, points: ratios.map((ratio, i) => [(100 * (i + 1)) / ratios.length, ratio]) }
    }),
  }
}
