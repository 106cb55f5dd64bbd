import type { Swarm } from './swarm.js'

interface Countable {
  /** Its TCP connection is being made. */
  readonly isHalfOpen: boolean
  isOf(swarm: Swarm): boolean
}

/** Connections of all torrents, and of one of them. */
export interface ConnectionCount {
  readonly all: number
  readonly own: number
  readonly halfOpen: number
  readonly ownHalfOpen: number
}

export function countConnections(connections: Iterable<Countable>, swarm: Swarm): ConnectionCount {
  const count = { all: 0, own: 0, halfOpen: 0, ownHalfOpen: 0 }
  for (const connection of connections) {
    const isOwn = connection.isOf(swarm)
    count.all++
    if (isOwn) count.own++
    if (!connection.isHalfOpen) continue
    count.halfOpen++
    if (isOwn) count.ownHalfOpen++
  }
  return count
}
