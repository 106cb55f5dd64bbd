import { CodedError } from '../../base/errors.js'

/** What must hold in every run, and did not. */
export type ViolationCode =
  | 'unasked-block'
  | 'unverified-piece'
  | 'bound-exceeded'
  | 'bytes-not-conserved'
  | 'not-finished'
  | 'wrongly-dropped'

export interface ViolationFacts {
  /** The host that it was seen at. */
  readonly host: number
  /** Milliseconds from the beginning of the run. */
  readonly time: number
}

/** A run in which something happened that must not: a defect of the engine, or of the simulator. */
export class Violation extends CodedError<ViolationCode, ViolationFacts> {
  constructor(code: ViolationCode, what: string, facts: ViolationFacts) {
    super(code, `${code} at host ${facts.host} after ${(facts.time / 1_000).toFixed(3)} s: ${what}`, facts)
  }
}
