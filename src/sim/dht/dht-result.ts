import type { DhtPlan } from './dht-plan.js'

/** An info hash that one node announced, and another looked up some minutes later. */
interface LookupRecord {
  /** Nodes that stored the announce, and queries that it took to find them; undefined where it did not end. */
  readonly announced: { readonly stored: number; readonly queries: number } | undefined
  /** What came of the lookup; undefined where it did not end. */
  readonly lookedUp: LookupOutcome | undefined
}

export interface LookupOutcome {
  /** Whether the peer that was announced is among those that were found. */
  readonly hasFound: boolean
  readonly queries: number
  readonly tookMs: number
  /** Of the honest nodes that are closest to the target, the part that the lookup ended at. */
  readonly closestPart: number
}

/** What is known of a network at the end. */
export interface DhtResult {
  readonly seed: number
  readonly plan: DhtPlan
  readonly endedAt: number
  readonly events: number
  readonly digest: string
  readonly lookups: readonly LookupRecord[]
  /** Datagrams of all nodes, and those of them that were lost. */
  readonly datagrams: { readonly sent: number; readonly lost: number }
  /** Answers of hostile nodes since the attack began. */
  readonly hostileAnswers: number
  readonly joined: number
  readonly left: number
  /** Good nodes in the table of an honest node, on average. */
  readonly goodNodes: number
}
