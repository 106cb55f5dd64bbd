import { equal } from './equal.js'
import { freeRiders } from './free-riders.js'
import type { Scenario } from './scenario.js'
import { seedLeaves } from './seed-leaves.js'

/** The same swarm, whose seeds announce to each peer only pieces that no other peer has yet (BEP 16). */
function superSeeded(scenario: Scenario): Scenario {
  return {
    ...scenario,
    name: `${scenario.name}-super`,
    title: `${scenario.title}; the seed super-seeds`,
    plan(size, random) {
      const plan = scenario.plan(size, random)
      const hosts = plan.hosts.map(host => (host.isSeed ? { ...host, upload: { superSeed: true } } : host))
      return { ...plan, hosts }
    },
  }
}

export const SUPER_SEEDED: readonly Scenario[] = [equal, seedLeaves, freeRiders].map(superSeeded)
