import { equalBytes } from '../../base/bytes.js'
import type { Steps } from '../../base/steps.js'
import { type Digests, digestInSteps } from '../../protocol/digests.js'
import type { ExtensionHandshake } from '../../protocol/peer/extension-handshake.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import type { PeerSource } from '../../protocol/peer-source.js'
import type { Candidates } from '../connect/candidates.js'
import { Connector, type ConnectorOptions } from '../connect/connector.js'
import { Extensions } from '../extensions/extensions.js'
import type { PeerIntroduction } from '../introduction.js'
import { type OwnFacts, sendExtensionHandshake } from '../opening-messages.js'
import type { CloseReason, ConnectorWorld } from '../world.js'
import { AnnouncedMemory } from './announced-pieces.js'
import { MetadataExchange } from './metadata-exchange.js'
import { MetadataFetcher, type MetadataProgress } from './metadata-fetcher.js'
import { MetadataPeer, type MetadataPeerOwner } from './metadata-peer.js'

export interface MetadataTorrentOptions extends ConnectorOptions, OwnFacts {
  /** The info hashes of the torrent: at least one of both. */
  readonly infoHashV1: Uint8Array | undefined
  readonly infoHashV2: Uint8Array | undefined
  readonly digests: Digests
}

/** What a torrent without its metainfo needs of the machine, or of the simulated world. */
export interface MetadataWorld extends ConnectorWorld {
  /** Runs steps of some milliseconds each, with other work in between. */
  workInTurns(steps: Steps<void>): void
  /** The metadata is here: the bytes that the info hash covers. */
  fetched(metadata: Uint8Array): void
}

/** A torrent whose metainfo is not here: its peers, from which the metadata is requested and nothing else (BEP 9). */
export class MetadataTorrent implements MetadataPeerOwner {
  readonly extensions: Extensions<MetadataPeer>
  readonly peers: ReadonlySet<MetadataPeer>
  readonly announcedMemory = new AnnouncedMemory()
  readonly #peers = new Set<MetadataPeer>()
  readonly #options: MetadataTorrentOptions
  readonly #world: MetadataWorld
  readonly #connector: Connector<MetadataPeer>
  readonly #fetcher: MetadataFetcher<MetadataPeer>

  constructor(options: MetadataTorrentOptions, world: MetadataWorld) {
    this.#options = options
    this.#world = world
    this.peers = this.#peers
    this.#connector = new Connector(this, world, options)
    this.#fetcher = new MetadataFetcher<MetadataPeer>({
      now: () => this.now,
      ask: (peer, piece) => exchange.ask(peer, piece),
      check: (bytes, answer) => world.workInTurns(this.#check(bytes, answer)),
      fetched: bytes => world.fetched(bytes),
      dropPeer: (peer, reason, detail) => this.dropPeer(peer, reason, detail),
    })
    const exchange = new MetadataExchange(this, this.#fetcher)
    this.extensions = new Extensions(this, [exchange])
  }

  /** Progress of the metadata. */
  get progress(): MetadataProgress {
    return this.#fetcher.progress
  }

  get candidates(): Candidates {
    return this.#connector.candidates
  }

  get wantsPeers(): boolean {
    return this.#connector.wantsPeers
  }

  get now(): number {
    return this.#world.now()
  }

  /** Addresses from one source. */
  addCandidates(addresses: Iterable<PeerAddress>, source: PeerSource): void {
    for (const address of addresses) this.#connector.candidates.add(address, source)
    this.#connector.connectMore()
  }

  /** A connection that the world began could not be made, or led to ourselves. */
  connectFailed(address: PeerAddress, reason: 'unreachable' | 'ourselves'): void {
    this.#connector.failed(address, reason)
  }

  /** Adds the peer of a completed handshake. Undefined where it is not wanted; then its connection is to be closed. */
  addPeer(introduction: PeerIntroduction): MetadataPeer | undefined {
    const admitted = this.#connector.admit(introduction)
    if (admitted === 'refused') return undefined
    const candidate = admitted === 'no candidate' ? undefined : admitted
    const peer = new MetadataPeer(this, introduction, candidate, this.now)
    this.#peers.add(peer)
    if (introduction.features.fast) peer.link.haveNone()
    sendExtensionHandshake(peer, this.#options, { extensions: this.extensions.offered, isUploadOnly: false })
    return peer
  }

  /** The connection of a peer ended, from either side. */
  removePeer(peer: MetadataPeer): void {
    if (!this.#peers.delete(peer)) return
    peer.announced.release()
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
    peer.handshake = withLater(peer.handshake ?? handshake, handshake)
    if (handshake.yourIp !== undefined) this.#connector.learnOwnHost(peer, handshake.yourIp)
    if (handshake.listenPort !== undefined) this.#connector.learnListenPort(peer, handshake.listenPort)
  }

  *#check(bytes: Uint8Array, answer: (isMetadata: boolean) => void): Steps<void> {
    answer(yield* isInfoOf(this.#options, bytes, this.#options.digests))
  }
}

/** Whether these are the bytes that the info hash covers; by each hash that is known: a magnet link of a hybrid may name both. */
function* isInfoOf(
  { infoHashV1, infoHashV2 }: Pick<MetadataTorrentOptions, 'infoHashV1' | 'infoHashV2'>,
  bytes: Uint8Array,
  digests: Digests,
): Steps<boolean> {
  if (infoHashV1 !== undefined && !equalBytes(yield* digestInSteps(digests, 'sha1', bytes), infoHashV1))
    return false
  return infoHashV2 === undefined || equalBytes(yield* digestInSteps(digests, 'sha256', bytes), infoHashV2)
}

/** What is missing in a later handshake has not changed (BEP 10). */
function withLater(earlier: ExtensionHandshake, later: ExtensionHandshake): ExtensionHandshake {
  return {
    ...later,
    listenPort: later.listenPort ?? earlier.listenPort,
    requestQueue: later.requestQueue ?? earlier.requestQueue,
    yourIp: later.yourIp ?? earlier.yourIp,
  }
}
