import { isWithinShare } from '../../base/fair-share.js'
import { debugLog } from '../../base/log.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import { Connection } from './connection.js'
import { countConnections } from './connection-count.js'
import type { ConnectionHost } from './connection-host.js'
import type { ContentSwarm } from './content-swarm.js'
import { Dial } from './dial.js'
import { FlushQueue } from './flush-queue.js'
import { Newcomers } from './newcomers.js'
import { type PeerSnapshot, snapshotOf } from './peer-snapshot.js'
import type { PeerStreams } from './peer-streams.js'
import { ReadTurns } from './read-turns.js'
import type { Receivers } from './receiving/receivers.js'
import type { Swarm } from './swarm.js'
import type { AcceptedStream } from './transport.js'

const debug = debugLog('client')

/** Connections that are being begun at a time, so that no router chokes on them. */
const MAX_HALF_OPEN = 50

/** The session, as its connections see it. */
export interface ConnectionsOwner {
  readonly peerId: Uint8Array
  readonly receiveMemory: Buffer
  /** All that receives blocks: connections are added to it while they are open. */
  readonly receivers: Receivers
  /** The number of torrents that share the connections. */
  readonly sharers: number
  now(): number
  findSwarm(infoHash: Uint8Array): Swarm | undefined
  isLimited(remote: PeerAddress): boolean
}

/**
 * The connections of all torrents: begins and accepts them, and says how many there may be. Peers are those of outgoing
 * connections, and of incoming ones from their handshake on; before it, connections are counted apart (`Newcomers`), so that
 * silent ones take no peer's place.
 */
export class Connections implements ConnectionHost<Connection> {
  readonly readTurns = new ReadTurns()
  readonly #owner: ConnectionsOwner
  readonly #streams: PeerStreams
  readonly #maxPeers: number
  readonly #all = new Set<Connection>()
  readonly #newcomers = new Newcomers<Connection>()
  readonly #flushes = new FlushQueue()
  #isOpen = true

  /** @param maxPeers of all torrents together */
  constructor(owner: ConnectionsOwner, streams: PeerStreams, maxPeers: number) {
    this.#owner = owner
    this.#streams = streams
    this.#maxPeers = maxPeers
  }

  get peerId(): Uint8Array {
    return this.#owner.peerId
  }

  get receiveMemory(): Buffer {
    return this.#owner.receiveMemory
  }

  get receivers(): Receivers {
    return this.#owner.receivers
  }

  now(): number {
    return this.#owner.now()
  }

  /** Takes over a connection that a peer began. */
  accept(accepted: AcceptedStream): void {
    if (!this.#isOpen) {
      accepted.destroy()
      return
    }
    const { remote } = accepted
    debug('%s:%d connected', remote.host, remote.port)
    const connection = new Connection(this, remote, undefined, listener =>
      this.#streams.accept(accepted, listener),
    )
    this.#add(connection)
    this.#newcomers.add(connection)
  }

  /** Begins a connection of a torrent; the swarm hears how it went. */
  connect(swarm: Swarm, address: PeerAddress, infoHash: Uint8Array): void {
    const connection = new Connection(this, address, new Dial(swarm, infoHash, address), listener =>
      this.#streams.connect(address, infoHash, listener),
    )
    this.#add(connection)
  }

  /** True if one more connection may be opened for a torrent. */
  mayConnect(swarm: Swarm): boolean {
    const { all, own, halfOpen, ownHalfOpen } = countConnections(this.#all, swarm)
    const { sharers } = this.#owner
    return (
      this.#isOpen &&
      isWithinShare({ own, all, limit: this.#maxPeers, sharers }) &&
      isWithinShare({ own: ownHalfOpen, all: halfOpen, limit: MAX_HALF_OPEN, sharers })
    )
  }

  /** True if an incoming connection may stay without replacing another of the same torrent. */
  hasPlace(swarm: Swarm): boolean {
    const { all, own } = countConnections(this.#all, swarm)
    return isWithinShare({ own, all, limit: this.#maxPeers, sharers: this.#owner.sharers })
  }

  /** Blocks that were read for uploads are here: peers that wait for them are served. */
  flushUploads(swarm: Swarm): void {
    for (const connection of this.#all)
      if (connection.conversationIn(swarm)?.isUploading === true) this.flushSoon(connection)
  }

  /** The peers of a torrent as they stand now. Takes a step for each connection of the session. */
  peersOf(swarm: Swarm): PeerSnapshot[] {
    const peers: PeerSnapshot[] = []
    const now = this.now()
    for (const connection of this.#all) {
      const conversation = connection.conversationIn(swarm)
      if (conversation !== undefined) peers.push(snapshotOf(conversation, connection.route, now))
    }
    return peers
  }

  onSecond(now: number): void {
    for (const connection of this.#all) connection.onSecond(now)
  }

  /** The metainfo of a torrent is here: each connection goes on with the content, or ends. */
  handOver(from: Swarm, to: ContentSwarm): void {
    for (const connection of this.#all) if (connection.isOf(from)) connection.goOnWith(to)
  }

  /** Ends those of a torrent. */
  endAllOf(swarm: Swarm): void {
    for (const connection of this.#all) if (connection.isOf(swarm)) connection.end('torrent stopped')
  }

  /** Ends all, and takes no more. */
  close(): void {
    this.#isOpen = false
    for (const connection of this.#all) connection.end('session stopped')
  }

  // For connections.

  findSwarm(infoHash: Uint8Array): Swarm | undefined {
    return this.#owner.findSwarm(infoHash)
  }

  isLimited(remote: PeerAddress): boolean {
    return this.#owner.isLimited(remote)
  }

  flushSoon(connection: Connection): void {
    this.#flushes.add(connection)
  }

  introduced(connection: Connection): void {
    this.#newcomers.delete(connection)
  }

  closed(connection: Connection): void {
    this.#all.delete(connection)
    this.#newcomers.delete(connection)
    this.receivers.delete(connection)
  }

  #add(connection: Connection): void {
    this.#all.add(connection)
    this.receivers.add(connection)
  }
}
