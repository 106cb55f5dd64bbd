import type { HostPlan } from '../world/host-plan.js'
import { contentBytes, type SwarmPlan } from '../world/swarm-plan.js'
import { many, peer, seed, swarm } from './hosts.js'
import { lastSeconds, leechers, mean, waste } from './measures.js'
import type { Scenario } from './scenario.js'

/** Bytes a second in one megabit. */
const MBIT = 125_000

/** Usual lines, of ten peers each. */
const LINES: readonly { readonly count: number; readonly line: Partial<HostPlan> }[] = [
  { count: 1, line: { kind: 'fast', uploadRate: 10 * MBIT, downloadRate: 100 * MBIT } },
  { count: 6, line: { kind: 'DSL', uploadRate: MBIT, downloadRate: 16 * MBIT } },
  { count: 3, line: { kind: 'slow', uploadRate: 0.5 * MBIT, downloadRate: 4 * MBIT } },
]

const SEED_RATE = 10 * MBIT

/** The least time by flow: through the seed's line, through the slowest line down, through all lines up together. */
function fluidBoundSeconds(plan: SwarmPlan): number {
  const bytes = contentBytes(plan)
  const others = plan.hosts.filter(({ isSeed }) => !isSeed)
  const slowest = Math.min(...others.map(({ downloadRate }) => downloadRate))
  const together = plan.hosts.reduce((sum, { uploadRate }) => sum + uploadRate, 0)
  return Math.max(bytes / SEED_RATE, bytes / slowest, (others.length * bytes) / together)
}

/** Peers of unequal lines. */
export const mixed: Scenario = {
  name: 'mixed',
  title: 'Unequal peers (10 % fast, 60 % DSL, 30 % slow): the last against the fluid bound',
  defaults: { peers: 100, pieces: 400 },
  plan(size) {
    const lines = LINES.flatMap(({ count, line }) => Array.from({ length: count }, () => line))
    const hosts = many(size.peers, index => peer(lines[index % lines.length]))
    return swarm(size, [seed({ uploadRate: SEED_RATE }), ...hosts])
  },
  figures(result) {
    const all = leechers(result)
    const bound = fluidBoundSeconds(result.plan)
    const last = lastSeconds(all)
    return [
      { name: 'fluid bound / T', value: (100 * bound) / last, unit: '%', aim: { atLeast: 85 } },
      { name: 'the last peer completes after', value: last, unit: 's' },
      { name: 'fluid bound', value: bound, unit: 's' },
      ...['fast', 'DSL', 'slow'].map(kind => {
        const times = all.filter(host => host.plan.kind === kind).map(host => host.durationMs ?? Number.NaN)
        return {
          name: `${kind} peers complete after, on average`,
          value: mean(times) / 1_000,
          unit: 's' as const,
        }
      }),
      waste(result),
    ]
  },
}
