import type { Bitfield } from '../base/bitfield.js'
import type { Steps } from '../base/steps.js'
import type { PieceMap } from '../protocol/metainfo/piece-map.js'
import type { ExtensionHandshake } from '../protocol/peer/extension-handshake.js'
import type { PeerAddress } from '../protocol/peer-address.js'
import type { PeerSource } from '../protocol/peer-source.js'
import type { Candidates } from './connect/candidates.js'
import { Connector } from './connect/connector.js'
import { Downloader } from './download/downloader.js'
import type { BlockSource } from './download/source.js'
import type { WebSeed } from './download/web-seed.js'
import { WebSeeds } from './download/web-seeds.js'
import { DontHave } from './extensions/dont-have.js'
import { Extensions } from './extensions/extensions.js'
import { HolePunch } from './extensions/hole-punch.js'
import { LostPieces } from './extensions/lost-pieces.js'
import { PeerExchange } from './extensions/peer-exchange.js'
import { UploadOnly } from './extensions/upload-only.js'
import { HashExchange } from './hashes/hash-exchange.js'
import type { PeerIntroduction } from './introduction.js'
import type { MetadataPeer } from './metadata/metadata-peer.js'
import { MetadataServer } from './metadata/metadata-server.js'
import {
  type HandshakeState,
  sendExtensionHandshake,
  sendLateOpeningMessages,
  sendOpeningMessages,
} from './opening-messages.js'
import { Peer } from './peer.js'
import type { PeerOwner } from './peer-owner.js'
import { PickablePieces } from './pick/pickable-pieces.js'
import { Picker } from './pick/picker.js'
import { NOT_WANTED } from './pick/priorities.js'
import type { WantedPieces } from './pick/wanted-pieces.js'
import type { TorrentOptions } from './torrent-options.js'
import type { UploadRequest } from './upload/upload-queue.js'
import { Uploader } from './upload/uploader.js'
import type { CloseReason, TorrentWorld } from './world.js'

/** The result of reading verified pieces again. */
export interface Rechecked {
  readonly good: Iterable<number>
  readonly bad: Iterable<number>
  /** Whether bad ones are to be fetched. */
  readonly isFetching: boolean
}

/** Pieces that are announced one by one where there is no place for a bitfield any more. */
const MAX_LATE_HAVES = 1_000

/** Pieces whose priorities are set in one step: some milliseconds. */
const PIECES_A_STEP = 8_192

/**
 * One torrent and its peers: decides what follows when a message comes, a piece is verified, or a second has passed. What it
 * decides is done by a `TorrentWorld` and the peers' links. `Downloader` takes blocks in, `Uploader` sends them out.
 */
export class Torrent implements PeerOwner<Peer> {
  readonly map: PieceMap
  /** Which pieces are wanted, and which are here. */
  readonly wanted: WantedPieces
  readonly picker: Picker
  readonly downloader: Downloader
  readonly webSeeds: WebSeeds
  readonly uploader: Uploader
  /** Absent for v1. */
  readonly hashExchange: HashExchange | undefined
  /** Absent where no metadata is given. */
  readonly metadataServer: MetadataServer | undefined
  readonly extensions: Extensions<Peer>
  readonly peers: ReadonlySet<Peer>
  readonly #lost: LostPieces
  readonly #peers = new Set<Peer>()
  /** Peers and web seeds. */
  readonly #sources = new Set<BlockSource>()
  readonly #options: TorrentOptions
  readonly #world: TorrentWorld
  readonly #connector: Connector<Peer>
  /** The latest priorities. */
  #selection: Uint8Array | undefined

  constructor(options: TorrentOptions, world: TorrentWorld) {
    this.#options = options
    this.#world = world
    this.map = options.map
    this.peers = this.#peers
    this.#connector = new Connector(this, world, options)
    this.wanted = options.wanted
    const pickable = new PickablePieces(options.wanted, options.pick, world.random)
    this.picker = new Picker(options.map, pickable, world.random)
    this.uploader = new Uploader(options.map, pickable, world, this.#peers, options.upload)
    const webSeeds = new Set<WebSeed>()
    this.downloader = new Downloader(options.map, this.picker, this.#sources, webSeeds, world, {
      verified: piece => this.#verified(piece),
      discarded: piece => world.discardPiece(piece),
      suspected: piece => this.hashExchange?.fetchBlockHashes(piece),
      caught: (contributor, piece) => {
        if (contributor.type === 'web-seed') this.webSeeds.ban(contributor, piece)
        else this.#connector.banLiar(contributor, piece)
      },
    })
    this.webSeeds = new WebSeeds(this, this.#sources, webSeeds)
    this.hashExchange =
      options.layeredFiles.length === 0
        ? undefined
        : new HashExchange({ ...options, have: this.have }, this.downloader, this.#peers, this.#world)
    this.#lost = new LostPieces(this.#peers)
    this.metadataServer =
      options.metadata === undefined ? undefined : new MetadataServer(this, options.metadata)
    this.extensions = new Extensions(this, [
      ...(options.exchangesPeers ? [new PeerExchange(this, this.#connector, world.random)] : []),
      new DontHave(this),
      new UploadOnly((peer, isUploadOnly) => this.#onUploadOnly(peer, isUploadOnly)),
      new HolePunch(this.#peers),
      ...(this.metadataServer === undefined ? [] : [this.metadataServer]),
    ])
    if (!this.wanted.isDone) this.#wantKnownPieces()
  }

  get now(): number {
    return this.#world.now()
  }

  get have(): Bitfield {
    return this.wanted.have
  }

  get wantsPeers(): boolean {
    return this.#connector.wantsPeers
  }

  get candidates(): Candidates {
    return this.#connector.candidates
  }

  #wantKnownPieces(): void {
    const { hashes, map } = this.#options
    const isAllKnown = this.hashExchange?.isComplete ?? true
    for (let piece = 0; piece < map.pieceCount; piece++) {
      if (isAllKnown || hashes.isKnown(piece)) this.picker.want(piece)
    }
  }

  // Peers come and go.

  /** Adds addresses of peers, and connects to more of them. */
  addCandidates(addresses: Iterable<PeerAddress>, source: PeerSource): void {
    for (const address of addresses) this.candidates.add(address, source)
    this.#connector.connectMore()
  }

  /** The torrent is back after it left its peers on purpose: they are connected to again without a wait. */
  retryCandidates(): void {
    this.candidates.retry(this.now)
    this.#connector.connectMore()
  }

  /** A connection that `TorrentWorld.connect` began could not be made, or led to ourselves. */
  connectFailed(address: PeerAddress, reason: 'unreachable' | 'ourselves'): void {
    this.#connector.failed(address, reason)
  }

  /**
   * Adds the peer of a completed handshake, incoming or outgoing. Returns undefined where the peer is banned, connected already, or
   * one too many; then its connection is to be closed.
   */
  addPeer(introduction: PeerIntroduction): Peer | undefined {
    const admitted = this.#connector.admit(introduction)
    if (admitted === 'refused') return undefined
    const candidate = admitted === 'no candidate' ? undefined : admitted
    const peer = new Peer(this, introduction, candidate, this.now)
    this.#peers.add(peer)
    this.#sources.add(peer)
    const offered = this.uploader.shownOf(this.#lost.offeredOf(this.have))
    sendOpeningMessages(peer, offered, this.#options, this.#handshakeState)
    this.uploader.onJoined(peer)
    return peer
  }

  /**
   * Adds a peer whose metadata was fetched and that stays connected; `resume` follows. Returns undefined where a new connection serves
   * better or is not wanted: what it announced was not kept or does not fit, its address is from a source that may not be used, we have
   * too much to announce, or it is not in the v2 swarm, where the layers are that are missing.
   */
  takeOverPeer(known: MetadataPeer): Peer | undefined {
    const lacksLayers = this.hashExchange?.isComplete === false
    if (!known.announced.fits(this.map.pieceCount) || this.have.count > MAX_LATE_HAVES) return undefined
    if (lacksLayers && !known.introduction.isV2) return undefined
    const candidate = this.#connector.takeOver(known)
    if (candidate === 'refused') return undefined
    const peer = new Peer(
      this,
      known.introduction,
      candidate === 'no candidate' ? undefined : candidate,
      this.now,
    )
    peer.contributor = known.contributor
    this.#peers.add(peer)
    this.#sources.add(peer)
    return peer
  }

  /** Goes on with a peer that was taken over: tells it what has changed, and takes in what it said before. */
  resume(peer: Peer, known: MetadataPeer): void {
    const offered = this.uploader.shownOf(this.#lost.offeredOf(this.have))
    sendLateOpeningMessages(peer, offered, this.#options, this.#handshakeState)
    this.uploader.onJoined(peer)
    this.metadataServer?.wasAsked(peer, known.askedPieces.size)
    const { handshake, extensionIds } = known
    if (handshake !== undefined)
      this.extensions.handshakeCame(peer, { ...handshake, extensions: extensionIds })
    for (const repeat of known.messages(this.map.pieceCount)) {
      if (!this.#peers.has(peer)) return
      repeat(peer)
    }
  }

  /** The connection of a peer ended, from either side. */
  removePeer(peer: Peer): void {
    if (!this.#peers.delete(peer)) return
    this.#sources.delete(peer)
    this.downloader.onRemoved(peer)
    this.uploader.onRemoved(peer)
    this.hashExchange?.onRemoved(peer)
    this.extensions.onRemoved(peer)
    this.picker.pickable.peerWent(peer)
    this.#connector.onRemoved(peer)
  }

  dropPeer(peer: Peer, reason: CloseReason, detail: string): void {
    if (!this.#peers.has(peer)) return
    if (reason === 'protocol-error' || reason === 'unasked-block') this.#connector.onBreach(peer)
    this.removePeer(peer)
    peer.link.close(reason, detail)
  }

  // The pieces of peers.

  onBitfield(peer: Peer): void {
    this.picker.pickable.peerCame(peer)
    peer.lackingCount = this.wanted.countLacking(peer.pieces)
    this.uploader.onPieces(peer)
    this.#updateInterest(peer)
    this.hashExchange?.onPieces(peer)
  }

  onLateBitfield(peer: Peer, pieces: Bitfield): void {
    this.picker.pickable.peerWent(peer)
    peer.pieces = pieces
    this.onBitfield(peer)
  }

  onHave(peer: Peer, piece: number): void {
    this.picker.pickable.peerGot(peer, piece)
    this.uploader.onHave(peer, piece)
    if (!this.wanted.lacks(piece)) {
      if (peer.isSeed) this.#updateInterest(peer)
      return
    }
    peer.lackingCount++
    this.#updateInterest(peer)
  }

  /** A piece was removed from the peer's set (BEP 54). */
  onDontHave(peer: Peer, piece: number): void {
    this.picker.pickable.peerLost(peer, piece)
    this.uploader.onLost(piece)
    if (!this.wanted.lacks(piece)) return
    peer.lackingCount--
    this.#updateInterest(peer)
  }

  onExtensionHandshake(peer: Peer, handshake: ExtensionHandshake): void {
    peer.prefersEncryption = handshake.prefersEncryption
    if (handshake.requestQueue !== undefined) peer.window.limitTo(handshake.requestQueue)
    if (handshake.yourIp !== undefined) this.#connector.learnOwnHost(peer, handshake.yourIp)
    if (handshake.listenPort !== undefined) this.#connector.learnListenPort(peer, handshake.listenPort)
    this.#onUploadOnly(peer, handshake.isUploadOnly)
  }

  #onUploadOnly(peer: Peer, isUploadOnly: boolean): void {
    if (!this.#peers.has(peer)) return
    if (peer.isUploadOnly !== isUploadOnly) {
      peer.isUploadOnly = isUploadOnly
      this.uploader.onInterestChanged(peer)
    }
    this.#updateInterest(peer)
  }

  // Our own pieces.

  get #handshakeState(): HandshakeState {
    return {
      extensions: this.extensions.offered,
      isUploadOnly: this.wanted.isDone && !this.uploader.isHidden,
    }
  }

  /** A block that a peer requested could not be read: all peers are told that we lost the piece (BEP 54). */
  onUnreadable(peer: Peer, request: UploadRequest): void {
    this.uploader.onUnreadable(peer, request)
    this.#lost.lose(request.piece, this.now)
  }

  /**
   * Pieces that were here were read again. Those that are bad or gone, since another program changed the files, are fetched
   * again as far as they are wanted, and peers are told (BEP 54). Without `isFetching` they are not wanted any more.
   */
  rechecked({ good, bad, isFetching }: Rechecked): void {
    for (const piece of good) this.#lost.found(piece)
    let hasLost = false
    const wasDone = this.wanted.isDone
    for (const piece of bad) {
      if (!this.have.has(piece)) continue
      hasLost = true
      this.#world.discardPiece(piece)
      if (!isFetching) this.picker.pickable.setPriority(piece, NOT_WANTED)
      this.picker.lost(piece)
      this.#lost.forget(piece)
    }
    if (!hasLost) return
    this.candidates.reconsider(this.now)
    for (const peer of this.#peers) {
      this.uploader.onPiecesLost(peer)
      peer.lackingCount = this.wanted.countLacking(peer.pieces)
      if (wasDone) sendExtensionHandshake(peer, this.#options, this.#handshakeState)
      this.#updateInterest(peer)
      this.downloader.requestMore(peer)
    }
    this.#connector.connectMore()
  }

  #verified(piece: number): void {
    const wasWanted = this.wanted.priorityOf(piece) !== NOT_WANTED
    for (const peer of this.#peers) {
      peer.endAllowedFast(piece)
      if (!peer.pieces.has(piece)) {
        peer.link.have(piece)
        continue
      }
      // So a super-seeding peer sees that the piece is out.
      peer.link.haveToo(piece)
      if (wasWanted && --peer.lackingCount === 0) this.#updateInterest(peer)
    }
    if (wasWanted && !this.wanted.isBeingSelected && this.wanted.isDone) this.#completed()
  }

  /**
   * Sets how much each piece is wanted, from 0 (not at all) to 7, normally 4, as `Selection.piecePriorities` gives it. What is on
   * its way is finished, and what is here is kept. `TorrentWorld.completed` is said once all that is wanted is here.
   */
  prioritize(priorities: Uint8Array): void {
    this.#selection = priorities
    this.wanted.beginSelection()
    this.#world.workInTurns(this.#prioritizeInSteps(priorities))
  }

  *#prioritizeInSteps(priorities: Uint8Array): Steps<void> {
    for (const [piece, priority] of priorities.entries()) {
      this.picker.pickable.setPriority(piece, priority)
      if (this.#options.hashes.isKnown(piece)) this.picker.want(piece)
      if (piece % PIECES_A_STEP !== PIECES_A_STEP - 1) continue
      yield
      // A later call replaced this one, and goes on from here.
      if (this.#selection !== priorities) return
    }
    const isNowDone = this.wanted.endSelection()
    for (const peer of this.#peers) {
      peer.lackingCount = this.wanted.countLacking(peer.pieces)
      this.#updateInterest(peer)
      this.downloader.requestMore(peer)
    }
    if (isNowDone) this.#completed()
  }

  #completed(): void {
    for (const peer of this.#peers) {
      sendExtensionHandshake(peer, this.#options, this.#handshakeState)
      this.#updateInterest(peer)
    }
    this.#world.completed()
  }

  #updateInterest(peer: Peer): void {
    const isWanted = peer.lackingCount > 0
    if (isWanted !== peer.isWanted) {
      peer.isWanted = isWanted
      if (isWanted) peer.link.interested()
      else peer.link.notInterested()
    }
    // BEP 21: two peers that both want nothing would only take up a place.
    if (!this.wanted.isDone || !(peer.isSeed || peer.isUploadOnly)) return
    if (peer.candidate !== undefined) peer.candidate.isPointless = true
    this.dropPeer(peer, 'nothing-to-share', 'both are seeds')
  }

  // Each second.

  onSecond(): void {
    const now = this.now
    this.downloader.onSecond(now)
    this.uploader.onSecond(now)
    this.hashExchange?.onSecond(now)
    this.extensions.onSecond(now)
    // A super-seeding seeder shows its pieces one by one.
    if (!this.uploader.isHidden) this.#lost.onSecond(now)
    this.#connector.connectMore()
  }
}
