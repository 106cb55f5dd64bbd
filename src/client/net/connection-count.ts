import type { Swarm } from './swarm.js'

interface Countable {
  /** Its connection is being made. */
  readonly isHalfOpen: boolean
  /** It was accepted, and its peer has not said its handshake yet. */
  readonly isNewcomer: boolean
  isOf(swarm: Swarm): boolean
}

/** Connections of all torrents, and of one of them; those that were accepted count from their handshake on. */
export interface ConnectionCount {
  readonly all: number
  readonly own: number
  readonly halfOpen: number
  readonly ownHalfOpen: number
}

export function countConnections(connections: Iterable<Countable>, swarm: Swarm): ConnectionCount {
  const count = { all: 0, own: 0, halfOpen: 0, ownHalfOpen: 0 }
  for (const connection of connections) {
    if (connection.isNewcomer) continue
    const isOwn = connection.isOf(swarm)
    count.all++
    if (isOwn) count.own++
    if (!connection.isHalfOpen) continue
    count.halfOpen++
    if (isOwn) count.ownHalfOpen++
  }
  return count
}
