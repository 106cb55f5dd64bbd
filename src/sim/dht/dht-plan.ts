/** The size of a network of DHT nodes. */
export interface DhtSize {
  readonly nodes: number
  /** Info hashes that one node announces and another looks up. */
  readonly lookups: number
}

/**
 * How a hostile node answers queries, from the time of the attack on. Until then it takes part like any other, so that it is in the
 * tables of the others.
 */
export type Hostility =
  /** Not at all. */
  | 'silent'
  /** It names itself alone. */
  | 'self'
  /** It names nodes close to the target that do not exist. */
  | 'liar'
  /** It names others of its kind, which claim ids close to the target (Sybils), and none of which stores anything. */
  | 'sybil'

export const HOSTILITIES: readonly Hostility[] = ['silent', 'self', 'liar', 'sybil']

/** A network of DHT nodes, and its fate. */
export interface DhtPlan {
  readonly size: DhtSize
  /** Part of all datagrams that are lost. */
  readonly loss: number
  /** Part of the nodes that are hostile, as many of each kind. */
  readonly hostile: number
  /** How long a node stays, on average: when one leaves, another one joins. */
  readonly sessionMs: number
}
