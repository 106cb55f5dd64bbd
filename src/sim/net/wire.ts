import { Bitfield } from '../../base/bitfield.js'
import type { Peer } from '../../engine/peer.js'
import type { Torrent } from '../../engine/torrent.js'
import type { CloseReason, PeerLink } from '../../engine/world.js'
import { BLOCK_LENGTH } from '../../protocol/metainfo/metainfo.js'
import type { PieceMap } from '../../protocol/metainfo/piece-map.js'
import type { EventQueue } from '../time/event-queue.js'
import { IntQueue } from '../time/int-queue.js'
import type { HostPlan } from '../world/host-plan.js'
import type { Downlink, Receiver } from './downlink.js'
import { Mailbox } from './mailbox.js'
import type { Sender, Uplink } from './uplink.js'

/** A block that has come. */
export interface ArrivedBlock {
  readonly piece: number
  readonly offset: number
  readonly length: number
  readonly isGood: boolean
  /** The hearer had asked for it, and was not answered yet. */
  readonly wasAsked: boolean
  readonly from: { readonly id: number }
}

/** One end of a wire. */
export interface WireHost {
  readonly id: number
  readonly plan: HostPlan
  readonly torrent: Torrent
  readonly uplink: Uplink
  readonly downlink: Downlink
  /** Those on which it speaks. */
  readonly connections: Set<Wire>
  sendsGoodBlock(): boolean
  onSent(length: number): void
  receive(peer: Peer, block: ArrivedBlock): void
  /** What must hold: fails with a `Violation` where it does not. */
  checkAnnounced(piece: number): void
  checkAllAnnounced(pieces: Bitfield | undefined): void
  checkClosed(other: WireHost, reason: CloseReason, detail: string): void
}

/** What carries messages, and counts. */
interface Carrier {
  readonly map: PieceMap
  readonly queue: EventQueue
  readonly bytes: ByteCounts
  carry(wire: Wire, message: number, payload: Uint8Array | undefined): void
  endLater(wire: Wire): void
}

/** Bytes of blocks in the whole swarm, and of all that is said besides. */
export interface ByteCounts {
  sent: number
  received: number
  /** On their way when their connection ended. */
  lost: number
  underWay: number
  messages: number
}

/** Blocks in the socket besides those that the way itself holds. */
const SOCKET_BLOCKS = 2

/**
 * One direction of a connection: what its speaker's engine says, and the blocks that it sends. Blocks leave as the uplink of
 * the speaker takes them, one at a time, so that a choke or a cancel finds all the others still waiting. Messages pass between
 * them and take only the latency.
 */
export class Wire extends Mailbox implements PeerLink, Sender, Receiver {
  readonly speaker: WireHost
  readonly hearer: WireHost
  readonly latencyMs: number
  isInLine = false
  /** The hearer, as the speaker's engine knows it; undefined before and after that. */
  peerOfSpeaker: Peer | undefined
  /** The speaker, as the hearer's engine knows it: what is said is told to it. */
  peerOfHearer: Peer | undefined
  /** The speaker is gone: nothing more is said. */
  isEnded = false
  /** What arrives is heard by nobody any more. */
  isDeaf = false
  readonly #network: Carrier
  #reverse: Wire | undefined
  /** Blocks that the speaker asked for and has not been answered about. */
  readonly #asked = new IntQueue()
  /** Blocks on their way: a number, and whether it is good. */
  readonly #underWay = new IntQueue()
  readonly #maxUnderWay: number
  #sendingNumber = 0
  #sendingIsGood = true
  /** A block has come to the hearer's line. */
  readonly arrival = { run: () => this.#arrive() }

  private constructor(network: Carrier, speaker: WireHost, hearer: WireHost) {
    super(network.map)
    this.#network = network
    this.speaker = speaker
    this.hearer = hearer
    this.latencyMs = speaker.plan.latencyMs + hearer.plan.latencyMs
    const bytesPerSecond = Math.min(speaker.plan.uploadRate, hearer.plan.downloadRate)
    const onTheWay = (bytesPerSecond * this.latencyMs) / 1_000
    this.#maxUnderWay = SOCKET_BLOCKS + Math.ceil(onTheWay / BLOCK_LENGTH)
  }

  /** Both directions of a new connection. */
  static pair(network: Carrier, a: WireHost, b: WireHost): { toA: Wire; toB: Wire } {
    const toB = new Wire(network, a, b)
    const toA = new Wire(network, b, a)
    toA.#reverse = toB
    toB.#reverse = toA
    return { toA, toB }
  }

  get waitingBytes(): number {
    return 0
  }

  /** The speaker has let the hearer in, as this peer. */
  open(peer: Peer): void {
    this.peerOfSpeaker = peer
    if (this.#reverse !== undefined) this.#reverse.peerOfHearer = peer
    this.speaker.connections.add(this)
  }

  // What the speaker's engine says.

  protected get maySay(): boolean {
    return !this.isEnded
  }

  protected carry(message: number, bytes: number, payload: Uint8Array | undefined): void {
    this.#network.bytes.messages += bytes
    this.#network.carry(this, message, payload)
  }

  override have(piece: number): void {
    this.speaker.checkAnnounced(piece)
    super.have(piece)
  }

  /** What is said in a turn goes together anyway. */
  haveToo(piece: number): void {
    this.have(piece)
  }

  override bitfield(bits: Uint8Array): void {
    this.speaker.checkAllAnnounced(Bitfield.fromBytes(bits, this.map.pieceCount))
    super.bitfield(bits)
  }

  override haveAll(): void {
    this.speaker.checkAllAnnounced(Bitfield.full(this.map.pieceCount))
    super.haveAll()
  }

  override request(piece: number, offset: number, length: number): void {
    if (!this.isEnded) this.#asked.push(this.numberOf(piece, offset))
    super.request(piece, offset, length)
  }

  override reject(piece: number, offset: number, length: number): void {
    if (!this.isEnded) this.#takeAsked(this.numberOf(piece, offset))
    super.reject(piece, offset, length)
  }

  override unchoke(): void {
    if (this.speaker.plan.behaviour !== 'free-rider') super.unchoke()
  }

  override allowedFast(piece: number): void {
    if (this.speaker.plan.behaviour !== 'free-rider') super.allowedFast(piece)
  }

  uploadsWaiting(): void {
    this.speaker.uplink.wake(this)
  }

  close(reason: CloseReason, detail: string): void {
    this.speaker.checkClosed(this.hearer, reason, detail)
    this.end()
  }

  /** The speaker ends the connection; the hearer gets to know of it. */
  end(): void {
    if (this.isEnded) return
    this.isEnded = true
    this.peerOfSpeaker = undefined
    this.speaker.connections.delete(this)
    const reverse = this.#reverse
    if (reverse !== undefined) {
      reverse.isDeaf = true
      reverse.peerOfHearer = undefined
    }
    this.#network.endLater(this)
  }

  /** The connection breaks, and both sides notice. */
  lose(): void {
    const peer = this.peerOfSpeaker
    if (peer !== undefined) this.speaker.torrent.removePeer(peer)
    this.end()
  }

  /** The hearer learns that the speaker is gone. */
  hearEnd(): void {
    if (this.isDeaf) return
    this.isDeaf = true
    const reverse = this.#reverse
    const peer = this.peerOfHearer
    this.peerOfHearer = undefined
    if (reverse === undefined || reverse.isEnded) return
    reverse.isEnded = true
    reverse.peerOfSpeaker = undefined
    this.hearer.connections.delete(reverse)
    if (peer !== undefined) this.hearer.torrent.removePeer(peer)
  }

  // What the hearer hears.

  hear(message: number, payload: Uint8Array): void {
    const peer = this.#listener
    if (peer !== undefined) this.tell(peer, message, payload)
  }

  /** All that came at this time was heard. */
  endTurn(): void {
    const peer = this.#listener
    if (peer !== undefined) this.hearer.torrent.downloader.endTurn(peer)
  }

  get #listener(): Peer | undefined {
    return this.isDeaf ? undefined : this.peerOfHearer
  }

  /** Whether the hearer had asked for a block; it is answered now. */
  #takeAsked(blockNumber: number): boolean {
    const reverse = this.#reverse
    return reverse ? reverse.#asked.remove(blockNumber) : false
  }

  #arrive(): void {
    this.hearer.downlink.arrive(this, BLOCK_LENGTH, this.speaker.uplink.msFor(BLOCK_LENGTH))
  }

  deliverBlock(): void {
    const blockNumber = this.#underWay.shift()
    const isGood = this.#underWay.shift() === 1
    const piece = this.pieceOf(blockNumber)
    const offset = this.offsetOf(blockNumber)
    const length = this.map.blockLength(piece, offset / BLOCK_LENGTH)
    const peer = this.#listener
    this.#network.bytes.underWay -= length
    if (peer === undefined) {
      this.#network.bytes.lost += length
    } else {
      this.#network.bytes.received += length
      const wasAsked = this.#takeAsked(blockNumber)
      this.hearer.receive(peer, { piece, offset, length, isGood, wasAsked, from: this.speaker })
    }
    // There is room on the way for the next.
    if (!this.isEnded) this.speaker.uplink.wake(this)
  }

  // Blocks out.

  beginBlock(): number {
    const peer = this.peerOfSpeaker
    if (peer === undefined || this.#underWay.length >= 2 * this.#maxUnderWay) return 0
    const request = peer.uploads.shift()
    if (request === undefined) return 0
    const { piece, offset, length } = request
    this.speaker.checkAnnounced(piece)
    this.#sendingNumber = this.numberOf(piece, offset)
    this.#sendingIsGood = this.speaker.sendsGoodBlock()
    return length
  }

  endBlock(): void {
    const peer = this.peerOfSpeaker
    if (peer === undefined) return
    const piece = this.pieceOf(this.#sendingNumber)
    const offset = this.offsetOf(this.#sendingNumber)
    const length = this.map.blockLength(piece, offset / BLOCK_LENGTH)
    this.speaker.torrent.uploader.blockSent(peer, length)
    this.speaker.onSent(length)
    this.#network.bytes.sent += length
    this.#network.bytes.underWay += length
    this.#underWay.push(this.#sendingNumber)
    this.#underWay.push(this.#sendingIsGood ? 1 : 0)
    this.#network.queue.plan(this.#network.queue.now + this.latencyMs, this.arrival)
  }
}
