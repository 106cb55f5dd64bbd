import type { ExtensionHandshake } from '../../protocol/peer/extension-handshake.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import type { PeerSource } from '../../protocol/peer-source.js'
import { Connector, type ConnectorOptions } from '../connect/connector.js'
import { Extensions } from '../extensions/extensions.js'
import { type OwnFacts, shakeHands } from '../greeting.js'
import type { PeerIntroduction } from '../introduction.js'
import type { CloseReason, ConnectorWorld } from '../world.js'
import { MetadataExchange, type MetadataReceiver } from './metadata-exchange.js'
import { MetadataPeer, type MetadataPeerOwner } from './metadata-peer.js'

export interface MetadataTorrentOptions extends ConnectorOptions, OwnFacts {}

/** A torrent whose metainfo is not here: its peers, which are asked for the metadata and for nothing else (BEP 9). */
export class MetadataTorrent implements MetadataPeerOwner {
  readonly metadata: MetadataExchange
  readonly extensions: Extensions<MetadataPeer>
  readonly peers: ReadonlySet<MetadataPeer>
  readonly #peers = new Set<MetadataPeer>()
  readonly #options: MetadataTorrentOptions
  readonly #world: ConnectorWorld
  readonly #connector: Connector<MetadataPeer>

  constructor(options: MetadataTorrentOptions, world: ConnectorWorld, receiver: MetadataReceiver) {
    this.#options = options
    this.#world = world
    this.peers = this.#peers
    this.#connector = new Connector(this, world, options)
    this.metadata = new MetadataExchange(receiver)
    this.extensions = new Extensions(this, [this.metadata])
  }

  get now(): number {
    return this.#world.now()
  }

  /** Addresses from one source. */
  addCandidates(addresses: Iterable<PeerAddress>, source: PeerSource): void {
    for (const address of addresses) this.#connector.candidates.add(address, source)
    this.#connector.connectMore()
  }

  /** A connection that the world began did not come about, or led to ourselves. */
  connectFailed(address: PeerAddress, reason: 'unreachable' | 'ourselves'): void {
    this.#connector.failed(address, reason)
  }

  /** A handshake was made. Undefined where the peer is not wanted; then its connection is to be ended. */
  addPeer(introduction: PeerIntroduction): MetadataPeer | undefined {
    const admitted = this.#connector.admit(introduction)
    if (admitted === 'refused') return undefined
    const candidate = admitted === 'no candidate' ? undefined : admitted
    const peer = new MetadataPeer(this, introduction, candidate, this.now)
    this.#peers.add(peer)
    if (introduction.features.fast) peer.link.haveNone()
    shakeHands(peer, this.#options, { extensions: this.extensions.offered, isUploadOnly: false })
    return peer
  }

  /** The connection of a peer ended, whichever side ended it. */
  removePeer(peer: MetadataPeer): void {
    if (!this.#peers.delete(peer)) return
    this.extensions.onRemoved(peer)
    this.#connector.onRemoved(peer)
  }

  dropPeer(peer: MetadataPeer, reason: CloseReason, detail: string): void {
    if (!this.#peers.has(peer)) return
    if (reason === 'protocol-error' || reason === 'unasked-block') this.#connector.onBreach(peer)
    this.removePeer(peer)
    peer.link.close(reason, detail)
  }

  onSecond(): void {
    this.extensions.onSecond(this.now)
    this.#connector.connectMore()
  }

  onExtensionHandshake(peer: MetadataPeer, handshake: ExtensionHandshake): void {
    if (handshake.yourIp !== undefined) this.#connector.learnOwnHost(peer, handshake.yourIp)
    if (handshake.listenPort !== undefined) this.#connector.learnListenPort(peer, handshake.listenPort)
  }
}
