import type { Bitfield } from '../base/bitfield.js'
import { compareBytes, equalBytes } from '../base/bytes.js'
import { BencodeError } from '../protocol/bencode/bencode-error.js'
import type { PieceHashes } from '../protocol/metainfo/piece-hashes.js'
import type { PieceMap } from '../protocol/metainfo/piece-map.js'
import { decodeExtensionHandshake, EXTENSION_HANDSHAKE_ID } from '../protocol/peer/extension-handshake.js'
import type { PeerAddress } from '../protocol/peer-address.js'
import { type Candidate, Candidates, type Contributor } from './candidates.js'
import { type ChokerOptions, DEFAULT_SLOTS } from './choker.js'
import { Downloader } from './downloader.js'
import { type GreetingFacts, greet, shakeHands } from './greeting.js'
import { HashExchange, type LayeredFile } from './hash-exchange.js'
import { MAX_STRIKES } from './limits.js'
import { Peer, type PeerIntroduction, type PeerOwner } from './peer.js'
import type { PieceStrategy } from './pick/strategy.js'
import { Picker } from './picker.js'
import { Uploader } from './uploader.js'
import type { CloseReason, TorrentWorld } from './world.js'

export interface TorrentOptions extends GreetingFacts {
  /** Our own, 20 bytes. */
  readonly peerId: Uint8Array
  readonly hashes: PieceHashes
  /** Files longer than one piece of a v2 or hybrid torrent: those whose layers go from peer to peer (BEP 52). */
  readonly layeredFiles: readonly LayeredFile[]
  /** Verified pieces that are here at the start. */
  readonly have: Bitfield
  readonly strategy: PieceStrategy
  readonly maxPeers: number
  readonly slots?: ChokerOptions
}

/**
 * One torrent: its peers, and what is done when one of them says something, when a piece was verified, and when a second has
 * passed. It decides; a `TorrentWorld` and the peers' links do.
 *
 * Contents: peers come and go · what peers have · what we have · each second. Blocks in are `Downloader`'s, blocks out `Uploader`'s.
 */
export class Torrent implements PeerOwner {
  readonly map: PieceMap
  readonly picker: Picker
  readonly candidates = new Candidates()
  readonly downloader: Downloader
  readonly uploader: Uploader
  /** Absent for v1. */
  readonly hashExchange: HashExchange | undefined
  readonly peers: ReadonlySet<Peer>
  readonly #peers = new Set<Peer>()
  readonly #options: TorrentOptions
  readonly #world: TorrentWorld
  #connecting = 0

  constructor(options: TorrentOptions, world: TorrentWorld) {
    this.#options = options
    this.#world = world
    this.map = options.map
    this.peers = this.#peers
    this.picker = new Picker(options.map, options.strategy, options.have, world.random)
    this.uploader = new Uploader(options.map, this.picker, world, this.#peers, options.slots ?? DEFAULT_SLOTS)
    this.downloader = new Downloader(options.map, this.picker, this.#peers, world, {
      verified: piece => this.#verified(piece),
      discarded: piece => world.discardPiece(piece),
      caught: (contributor, piece) => this.#caught(contributor, piece),
    })
    this.hashExchange =
      options.layeredFiles.length === 0
        ? undefined
        : new HashExchange(options, this.downloader, this.#peers, this.#world)
    for (let piece = 0; piece < options.map.pieceCount && !this.isComplete; piece++) {
      if (options.hashes.isKnown(piece)) this.picker.want(piece)
    }
  }

  get now(): number {
    return this.#world.now()
  }

  get have(): Bitfield {
    return this.picker.have
  }

  get isComplete(): boolean {
    return this.have.isFull
  }

  get wantsPeers(): boolean {
    return this.#peers.size + this.#connecting < this.#options.maxPeers
  }

  // Peers come and go.

  /** Addresses from a tracker, a user, or a peer. */
  addCandidates(addresses: Iterable<PeerAddress>): void {
    for (const address of addresses) this.candidates.add(address)
    this.#connectMore()
  }

  /** A connection that `TorrentWorld.connect` began did not come about, or led to ourselves. */
  connectFailed(address: PeerAddress, reason: 'unreachable' | 'ourselves'): void {
    const candidate = this.candidates.add(address)
    if (candidate?.state !== 'connecting') return
    this.#connecting--
    this.candidates.failed(candidate, this.now)
    candidate.isSelf = reason === 'ourselves'
  }

  /**
   * A handshake was made, in or out. Undefined where the peer is not wanted: banned, there already, or one too many; then its
   * connection is to be ended.
   */
  addPeer(introduction: PeerIntroduction): Peer | undefined {
    const { address, isOutgoing } = introduction
    const candidate = isOutgoing ? this.candidates.add(address) : undefined
    if (candidate?.state === 'connecting') {
      this.#connecting--
      this.candidates.failed(candidate, this.now)
    }
    if (this.candidates.isBanned(address.host) || candidate?.isBanned) return undefined
    if (!isOutgoing && this.#peers.size >= this.#options.maxPeers) return undefined
    if (!this.#isBetterThanTwin(introduction, candidate)) return undefined
    if (candidate !== undefined) this.candidates.connected(candidate)
    const peer = new Peer(this, introduction, candidate, this.now)
    this.#peers.add(peer)
    greet(peer, this.have, this.#options)
    return peer
  }

  /** The connection of a peer ended, whoever ended it. */
  removePeer(peer: Peer): void {
    if (!this.#peers.delete(peer)) return
    this.downloader.releaseAll(peer)
    this.uploader.onRemoved(peer)
    this.hashExchange?.onRemoved(peer)
    // Seeds are not counted piece by piece.
    if (!peer.isSeed) for (const piece of peer.pieces) this.picker.availabilityChanged(piece, -1)
    const wasUseful = peer.received.total + peer.sent.total > 0
    if (peer.candidate !== undefined) this.candidates.closed(peer.candidate, wasUseful, this.now)
  }

  dropPeer(peer: Peer, reason: CloseReason, detail: string): void {
    if (!this.#peers.has(peer)) return
    if (reason === 'protocol-error' || reason === 'unasked-block') this.#strike(peer)
    this.removePeer(peer)
    peer.link.close(reason, detail)
  }

  // What peers have.

  onBitfield(peer: Peer, pieces: Bitfield): void {
    for (const piece of pieces) peer.pieces.add(piece)
    if (!pieces.isFull) for (const piece of pieces) this.picker.availabilityChanged(piece, 1)
    peer.lackingCount = peer.pieces.countWithout(this.have)
    this.#updateInterest(peer)
    this.hashExchange?.onPieces(peer)
  }

  onHave(peer: Peer, piece: number): void {
    if (peer.isSeed) {
      // It was counted piece by piece, which a seed is not.
      for (const other of peer.pieces) if (other !== piece) this.picker.availabilityChanged(other, -1)
    } else {
      this.picker.availabilityChanged(piece, 1)
    }
    if (this.have.has(piece)) {
      if (peer.isSeed) this.#updateInterest(peer)
      return
    }
    peer.lackingCount++
    this.#updateInterest(peer)
    if (peer.requests.length === 0) this.downloader.requestMore(peer)
  }

  onExtended(peer: Peer, id: number, payload: Uint8Array): void {
    if (id !== EXTENSION_HANDSHAKE_ID) return
    try {
      const handshake = decodeExtensionHandshake(payload)
      peer.client = handshake.client ?? peer.client
      peer.isUploadOnly = handshake.isUploadOnly
      if (handshake.requestQueue !== undefined) peer.window.limitTo(handshake.requestQueue)
      if (handshake.listenPort !== undefined) this.#learnListenPort(peer, handshake.listenPort)
      this.#updateInterest(peer)
    } catch (error) {
      if (!(error instanceof BencodeError)) throw error
      this.dropPeer(peer, 'protocol-error', `extension handshake: ${error.message}`)
    }
  }

  // What we have.

  #verified(piece: number): void {
    for (const peer of this.#peers) {
      // A seed has no use for it.
      if (!peer.isSeed) peer.link.have(piece)
      if (peer.pieces.has(piece) && --peer.lackingCount === 0) this.#updateInterest(peer)
    }
    if (this.isComplete) this.#completed()
  }

  #caught(contributor: Contributor, piece: number): void {
    contributor.isBanned = true
    for (const peer of this.#peers) {
      if (peer.contributor !== contributor) continue
      this.candidates.ban(contributor, peer.introduction.address.host)
      this.#world.onBanned(peer.introduction.address, piece)
      this.dropPeer(peer, 'banned', `sent bad data in piece ${piece}`)
    }
  }

  #strike(peer: Peer): void {
    peer.contributor.strikes++
    if (peer.contributor.strikes >= MAX_STRIKES) {
      this.candidates.ban(peer.contributor, peer.introduction.address.host)
    }
  }

  #completed(): void {
    for (const peer of this.#peers) {
      shakeHands(peer, this.have, this.#options)
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
    // BEP 21: two that both want nothing only take a place.
    if (this.isComplete && (peer.isSeed || peer.isUploadOnly))
      this.dropPeer(peer, 'nothing-to-share', 'both are seeds')
  }

  // Each second.

  onSecond(): void {
    const now = this.now
    for (const peer of this.#peers) {
      peer.rateToUs = peer.received.bytesPerSecond(now)
      peer.rateFromUs = peer.sent.bytesPerSecond(now)
    }
    this.downloader.onSecond(now)
    this.uploader.onSecond(now)
    this.hashExchange?.onSecond(now)
    this.#connectMore()
  }

  /**
   * Whether a connection is to be kept although its peer is connected already. Of two that were begun by either side at the same
   * time, both sides keep the one that the greater peer id began.
   */
  #isBetterThanTwin(introduction: PeerIntroduction, candidate: Candidate | undefined): boolean {
    const { peerId, isOutgoing } = introduction
    for (const twin of this.#peers) {
      if (!equalBytes(twin.introduction.peerId, peerId)) continue
      const isOursKept = compareBytes(this.#options.peerId, peerId) > 0
      if (twin.introduction.isOutgoing !== isOutgoing && isOutgoing === isOursKept) {
        this.dropPeer(twin, 'duplicate', 'is connected twice')
        return true
      }
      if (candidate !== undefined && twin.candidate === undefined) this.#setCandidate(twin, candidate)
      return false
    }
    return true
  }

  #setCandidate(peer: Peer, candidate: Candidate): void {
    candidate.strikes += peer.contributor.strikes
    this.candidates.connected(candidate)
    peer.candidate = candidate
    peer.contributor = candidate
  }

  /** An incoming peer tells where it listens: it becomes a candidate, so that it can be found again. */
  #learnListenPort(peer: Peer, port: number): void {
    if (peer.candidate !== undefined || peer.introduction.isOutgoing) return
    const candidate = this.candidates.add({ host: peer.introduction.address.host, port })
    if (candidate === undefined || candidate.state !== 'idle') return
    if (candidate.isBanned) {
      this.dropPeer(peer, 'banned', 'was banned before')
      return
    }
    this.#setCandidate(peer, candidate)
  }

  #connectMore(): void {
    const now = this.now
    while (this.wantsPeers && this.#world.mayConnect()) {
      const candidate = this.candidates.next(now)
      if (candidate === undefined) return
      candidate.state = 'connecting'
      this.#connecting++
      this.#world.connect(candidate.address, candidate.failures)
    }
  }
}
