import type { ByteCounts } from '../net/wire.js'
import type { HostRecord } from './host-record.js'
import type { SwarmPlan } from './swarm-plan.js'

/** The swarm at one moment. */
export interface Sample {
  readonly timeMs: number
  /** Hosts that have everything, seeds not counted. */
  readonly complete: number
  /** Bytes that the seeds have sent. */
  readonly seedBytes: number
  /** Verified pieces of all leechers together. */
  readonly pieces: number
}

/** What really went wrong, by kind. Bad blocks are in `HostRecord.lies`. */
export interface Faults {
  lostConnections: number
  departures: number
  fullDisks: number
}

/** All that is known of a run. */
export interface SwarmResult {
  readonly seed: number
  readonly plan: SwarmPlan
  /** Virtual milliseconds. */
  readonly endedAt: number
  readonly events: number
  /** Of all that happened, in order: two runs with the same one are the same. */
  readonly digest: string
  readonly bytes: ByteCounts
  readonly faults: Faults
  /** Bytes the seeds had sent when there was a full copy among the others; undefined where there never was. */
  readonly seedBytesAtCopy: number | undefined
  readonly hosts: readonly HostRecord[]
  /** One a second. */
  readonly samples: readonly Sample[]
}
