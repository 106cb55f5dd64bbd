import type { PickOrder } from '../../engine/pick/make-strategy.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import type { Journal } from '../report/journal.js'
import type { EventQueue } from '../time/event-queue.js'
import type { Content } from './content.js'
import type { SimHost } from './sim-host.js'

/** What a host knows of the swarm that it is in. */
export interface Surroundings {
  readonly content: Content
  readonly queue: EventQueue
  readonly journal: Journal
  readonly maxPeers: number
  readonly pick: PickOrder
  hostAt(address: PeerAddress): SimHost | undefined
  connect(from: SimHost, address: PeerAddress): void
  onVerified(host: SimHost, piece: number): void
  onCompleted(host: SimHost): void
  onDiskFull(host: SimHost): void
  /** It wants to leave now. */
  onLeaves(host: SimHost): void
}
