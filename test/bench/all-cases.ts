import type { BenchCase } from './bench-case.js'
import { CHECKS } from './cases/check.js'
import { CHECKSUMS } from './cases/checksums.js'
import { ENCRYPTED } from './cases/encrypted.js'
import { EVENT_LOOP } from './cases/event-loop.js'
import { GETS } from './cases/get.js'
import { HUGE } from './cases/huge.js'
import { LIMITS } from './cases/limits.js'
import { LONG_LINES } from './cases/long-line.js'
import { MAKES } from './cases/make.js'
import { MEMORIES } from './cases/memory.js'
import { PEERS_GET } from './cases/peers-get.js'
import { PEERS_SEED } from './cases/peers-seed.js'
import { SEEDS } from './cases/seed.js'
import { SMALL_FILES } from './cases/small-files.js'
import { FROM_SOURCE } from './cases/source.js'
import { STARTUPS } from './cases/startup.js'
import { TORRENTS } from './cases/torrents.js'

/** Everything that is measured, in the order in which it runs. */
const CASES: readonly BenchCase[] = [
  ...GETS,
  ...FROM_SOURCE,
  ...LONG_LINES,
  ...SEEDS,
  ...ENCRYPTED,
  ...MAKES,
  ...CHECKS,
  ...STARTUPS,
  ...MEMORIES,
  EVENT_LOOP,
  TORRENTS,
  LIMITS,
  ...HUGE,
  PEERS_SEED,
  PEERS_GET,
  CHECKSUMS,
  ...SMALL_FILES,
]

/** The cases of that name, or, where there is none, those whose names begin with it; all without a name. */
export function casesOf(name: string | undefined): readonly BenchCase[] {
  if (name === undefined) return CASES
  const exact = CASES.filter(bench => bench.name === name)
  return exact.length > 0 ? exact : CASES.filter(bench => bench.name.startsWith(name))
}
