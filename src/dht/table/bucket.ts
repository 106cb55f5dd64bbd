import type { NodeInfo } from '../../protocol/dht/compact-nodes.js'
import type { DhtLimits } from '../limits.js'

/** A node that has answered us. */
export interface TableNode extends NodeInfo {
  /** As it goes over the wire: 26 or 38 bytes. */
  readonly compact: Uint8Array
  /** Its id is valid for its address (BEP 42). */
  readonly isSecure: boolean
  readonly key: string
  readonly network: string | undefined
  /** When it last answered, and when it last answered or asked. */
  answeredAt: number
  heardAt: number
  /** When it was last sent a ping. */
  pingedAt: number
  /** Queries in a row without an answer. */
  failures: number
}

/** `questionable`: not heard of for 15 minutes; `bad`: it did not answer several queries in a row (BEP 5). */
export type NodeStanding = 'good' | 'questionable' | 'bad'

export function standingOf(node: TableNode, now: number, limits: DhtLimits): NodeStanding {
  if (node.failures >= limits.failures) return 'bad'
  return now - node.heardAt <= limits.freshMs ? 'good' : 'questionable'
}

/** A part of the ids, by how many of their first bits are our own. */
export class Bucket {
  nodes: TableNode[] = []
  /** Nodes that answered when the bucket was full, the last one heard of at the end. */
  replacements: TableNode[] = []
  /** When a node last answered or came in. */
  changedAt: number

  constructor(now: number) {
    this.changedAt = now
  }

  /** All nodes of a network, replacements included. */
  countOf(network: string): number {
    let count = 0
    for (const node of this.nodes) if (node.network === network) count++
    for (const node of this.replacements) if (node.network === network) count++
    return count
  }

  remove(node: TableNode): void {
    this.nodes = this.nodes.filter(other => other !== node)
    this.replacements = this.replacements.filter(other => other !== node)
  }
}
