import { churn } from './churn.js'
import { equal } from './equal.js'
import { flashCrowd } from './flash-crowd.js'
import { freeRiders } from './free-riders.js'
import { liars } from './liars.js'
import { mishaps } from './mishaps.js'
import { mixed } from './mixed.js'
import type { Scenario } from './scenario.js'
import { seedLeaves } from './seed-leaves.js'
import { SUPER_SEEDED } from './super-seeded.js'
import { WEB_SEEDED } from './web-seeds.js'

export const SCENARIOS: readonly Scenario[] = [
  equal,
  mixed,
  freeRiders,
  flashCrowd,
  seedLeaves,
  churn,
  liars,
  mishaps,
  ...SUPER_SEEDED,
  ...WEB_SEEDED,
]
