import { CodedError } from '../../base/errors.js'

/** The invariants of every run. */
export type ViolationCode =
  | 'unasked-block'
  | 'unverified-piece'
  | 'bound-exceeded'
  | 'bytes-not-conserved'
  | 'not-finished'
  | 'wrongly-dropped'

export interface ViolationFacts {
  /** The host at which it was noticed. */
  readonly host: number
  /** Milliseconds from the beginning of the run. */
  readonly time: number
}

/** A broken invariant: a defect of the engine, or of the simulator. */
export class Violation extends CodedError<ViolationCode, ViolationFacts> {
  constructor(code: ViolationCode, what: string, facts: ViolationFacts) {
    super(code, `${code} at host ${facts.host} after ${(facts.time / 1_000).toFixed(3)} s: ${what}`, facts)
  }
}
