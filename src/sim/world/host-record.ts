import type { Bitfield } from '../../base/bitfield.js'
import type { HostPlan } from './host-plan.js'

/** The part of all pieces after which the last ones are counted. */
const LAST_PART = 0.99

/** The figures of a host at the end. Times are milliseconds from the beginning of the run. */
export class HostRecord {
  readonly id: number
  readonly plan: HostPlan
  joinedAt: number | undefined
  /** When it had 99 % of all pieces. */
  nearlyCompleteAt: number | undefined
  completedAt: number | undefined
  leftAt: number | undefined
  /** Bytes of blocks. */
  sent = 0
  received = 0
  /** Of those received, bytes that came twice, too late or bad. */
  wasted = 0
  pieces = 0
  /** Verified pieces when the first leecher of all had one, two, three and four quarters of them. */
  readonly piecesAtQuarters: number[] = []
  /** Bad blocks that it sent. */
  badBlocksSent = 0
  /** Hosts that banned it. */
  bannedBy = 0

  constructor(id: number, plan: HostPlan) {
    this.id = id
    this.plan = plan
  }

  onVerified(pieces: Bitfield, now: number): void {
    this.pieces = pieces.count
    if (pieces.count >= LAST_PART * pieces.length) this.nearlyCompleteAt ??= now
  }

  /** How long it took to complete, in milliseconds; undefined where it did not. */
  get durationMs(): number | undefined {
    return this.completedAt === undefined ? undefined : this.completedAt - (this.joinedAt ?? 0)
  }
}
