import type { PeerAddress } from '../../protocol/peer-address.js'
import type { ReadTurns } from './read-turns.js'
import type { Receivers } from './receiving/receivers.js'
import type { Swarm } from './swarm.js'

/** The set that a connection belongs to, and its session, as the connection sees them. */
export interface ConnectionHost<Connection> {
  readonly peerId: Uint8Array
  /** The memory that blocks are received into, at the offsets that a storage returns. */
  readonly receiveMemory: Buffer
  /** This connection and all else that receives blocks. */
  readonly receivers: Receivers
  /** The turns that connections take in being read. */
  readonly readTurns: ReadTurns
  now(): number
  /** The swarm that a handshake names; undefined where we have no such torrent. */
  findSwarm(infoHash: Uint8Array): Swarm | undefined
  /** True if rate limits apply to a peer. */
  isLimited(remote: PeerAddress): boolean
  /** Calls `flush` at the end of this turn of the event loop. */
  flushSoon(connection: Connection): void
  /** Its peer has said its handshake. */
  introduced(connection: Connection): void
  closed(connection: Connection): void
}
