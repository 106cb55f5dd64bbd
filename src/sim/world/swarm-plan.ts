import type { PickOrder } from '../../engine/pick/make-strategy.js'
import type { HostPlan } from './host-plan.js'
import type { WebServerPlan } from './web-server-plan.js'

/** A swarm to run. */
export interface SwarmPlan {
  readonly pieceCount: number
  /** Bytes. */
  readonly pieceLength: number
  readonly pick: PickOrder
  /** Connections of a host, at most. */
  readonly maxPeers: number
  readonly hosts: readonly HostPlan[]
  /** All hosts download from them. */
  readonly webServers?: readonly WebServerPlan[] | undefined
  /** Connections that are lost, for each host and hour. */
  readonly lossesPerHour: number
  /** Virtual time after which the run ends, even if pieces are missing. */
  readonly limitMs: number
}

/** The size of the content. */
export function contentBytes({
  pieceCount,
  pieceLength,
}: Pick<SwarmPlan, 'pieceCount' | 'pieceLength'>): number {
  return pieceCount * pieceLength
}
