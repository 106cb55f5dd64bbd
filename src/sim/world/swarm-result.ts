import type { ByteCounts } from '../net/wire.js'
import type { HostRecord } from './host-record.js'
import type { SwarmPlan } from './swarm-plan.js'

/** The swarm at one moment. */
export interface Sample {
  readonly timeMs: number
  /** Leechers that have everything. */
  readonly complete: number
  /** Bytes that the seeds have sent. */
  readonly seedBytes: number
  /** Verified pieces of all leechers together. */
  readonly pieces: number
}

/** Faults that occurred, by kind. Bad blocks are in `HostRecord.badBlocksSent`. */
export interface Faults {
  lostConnections: number
  departures: number
  fullDisks: number
}

/** The result of a run. */
export interface SwarmResult {
  readonly seed: number
  readonly plan: SwarmPlan
  /** Virtual milliseconds. */
  readonly endedAt: number
  readonly events: number
  /** Of all events, in order: two runs with the same digest are the same. */
  readonly digest: string
  readonly bytes: ByteCounts
  readonly faults: Faults
  /** Bytes the seeds had sent when the others had a full copy together; undefined where they never had. */
  readonly seedBytesAtCopy: number | undefined
  readonly hosts: readonly HostRecord[]
  /** Bytes of blocks that each sent, and the number of hosts that banned it. */
  readonly webServers: readonly { readonly sent: number; readonly bannedBy: number }[]
  /** One a second. */
  readonly samples: readonly Sample[]
}
