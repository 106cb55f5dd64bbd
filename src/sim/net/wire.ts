import { Bitfield } from '../../base/bitfield.js'
import type { BlockSource } from '../../engine/download/source.js'
import type { Peer } from '../../engine/peer.js'
import type { Torrent } from '../../engine/torrent.js'
import type { CloseReason, PeerLink } from '../../engine/world.js'
import { BLOCK_LENGTH } from '../../protocol/metainfo/metainfo.js'
import type { PieceMap } from '../../protocol/metainfo/piece-map.js'
import type { EventQueue, SimEvent } from '../time/event-queue.js'
import { IntQueue } from '../time/int-queue.js'
import type { HostPlan } from '../world/host-plan.js'
import type { Downlink, Receiver } from './downlink.js'
import { Mailbox } from './mailbox.js'
import type { Sender, Uplink } from './uplink.js'

/** A block that has arrived. */
export interface ArrivedBlock {
  readonly piece: number
  readonly offset: number
  readonly length: number
  readonly isGood: boolean
  /** The receiver had requested it, and had no answer yet. */
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
  /** The wires on which it sends. */
  readonly connections: Set<Wire>
  sendsGoodBlock(): boolean
  onSent(length: number): void
  receive(source: BlockSource, block: ArrivedBlock): void
  /** Fails with a `Violation` where the piece is not verified. */
  checkAnnounced(piece: number): void
  checkAllAnnounced(pieces: Bitfield | undefined): void
  checkClosed(other: WireHost, reason: CloseReason, detail: string): void
}

/** Carries and counts messages. */
interface Carrier {
  readonly map: PieceMap
  readonly queue: EventQueue
  readonly bytes: ByteCounts
  carry(wire: Wire, message: number, payload: Uint8Array | undefined): void
  endLater(wire: Wire): void
}

/** Bytes of blocks and of other messages in the whole swarm. */
export interface ByteCounts {
  sent: number
  received: number
  /** Under way when their connection ended. */
  lost: number
  underWay: number
  messages: number
}

/** Blocks in the socket, beyond those that the latency holds. */
const SOCKET_BLOCKS = 2

/**
 * One direction of a connection: the messages of the sender's engine, and the blocks that it sends. The sender's uplink takes
 * blocks one at a time, so that a choke or a cancel finds all others still waiting. Messages pass between them and take only
 * the latency.
 */
export class Wire extends Mailbox implements PeerLink, Sender, Receiver, SimEvent {
  readonly sender: WireHost
  readonly receiver: WireHost
  readonly latencyMs: number
  isInLine = false
  /** The receiver, as the sender's engine knows it; undefined before and after the connection. */
  receiverPeer: Peer | undefined
  /** The sender, as the receiver's engine knows it: messages are delivered to it. */
  senderPeer: Peer | undefined
  /** The sender is gone: no further messages are sent. */
  isEnded = false
  /** The receiver is gone: arriving messages are discarded. */
  discardsArrivals = false
  readonly #network: Carrier
  #reverse: Wire | undefined
  /** Blocks that the sender requested, without an answer yet. */
  readonly #asked = new IntQueue()
  /** Blocks under way: a number, and whether it is good. */
  readonly #underWay = new IntQueue()
  readonly #maxUnderWay: number
  #sendingNumber = 0
  #sendingIsGood = true

  private constructor(network: Carrier, sender: WireHost, receiver: WireHost) {
    super(network.map)
    this.#network = network
    this.sender = sender
    this.receiver = receiver
    this.latencyMs = sender.plan.latencyMs + receiver.plan.latencyMs
    const bytesPerSecond = Math.min(sender.plan.uploadRate, receiver.plan.downloadRate)
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

  /** The sender has admitted the receiver, as this peer. */
  open(peer: Peer): void {
    this.receiverPeer = peer
    if (this.#reverse !== undefined) this.#reverse.senderPeer = peer
    this.sender.connections.add(this)
  }

  // Messages of the sender's engine.

  protected get maySay(): boolean {
    return !this.isEnded
  }

  protected carry(message: number, bytes: number, payload: Uint8Array | undefined): void {
    this.#network.bytes.messages += bytes
    this.#network.carry(this, message, payload)
  }

  override have(piece: number): void {
    this.sender.checkAnnounced(piece)
    super.have(piece)
  }

  /** Messages of a turn arrive together anyway. */
  haveToo(piece: number): void {
    this.have(piece)
  }

  override bitfield(bits: Uint8Array): void {
    this.sender.checkAllAnnounced(Bitfield.fromBytes(bits, this.map.pieceCount))
    super.bitfield(bits)
  }

  override haveAll(): void {
    this.sender.checkAllAnnounced(Bitfield.full(this.map.pieceCount))
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
    if (this.sender.plan.behaviour !== 'free-rider') super.unchoke()
  }

  override allowedFast(piece: number): void {
    if (this.sender.plan.behaviour !== 'free-rider') super.allowedFast(piece)
  }

  uploadsWaiting(): void {
    this.sender.uplink.wake(this)
  }

  close(reason: CloseReason, detail: string): void {
    this.sender.checkClosed(this.receiver, reason, detail)
    this.end()
  }

  /** The sender closes the connection; the receiver learns so. */
  end(): void {
    if (this.isEnded) return
    this.isEnded = true
    this.receiverPeer = undefined
    this.sender.connections.delete(this)
    const reverse = this.#reverse
    if (reverse !== undefined) {
      reverse.discardsArrivals = true
      reverse.senderPeer = undefined
    }
    this.#network.endLater(this)
  }

  /** The connection breaks, and both sides notice. */
  lose(): void {
    const peer = this.receiverPeer
    if (peer !== undefined) this.sender.torrent.removePeer(peer)
    this.end()
  }

  /** The receiver learns that the sender is gone. */
  endAtReceiver(): void {
    if (this.discardsArrivals) return
    this.discardsArrivals = true
    const reverse = this.#reverse
    const peer = this.senderPeer
    this.senderPeer = undefined
    if (reverse === undefined || reverse.isEnded) return
    reverse.isEnded = true
    reverse.receiverPeer = undefined
    this.receiver.connections.delete(reverse)
    if (peer !== undefined) this.receiver.torrent.removePeer(peer)
  }

  // At the receiver.

  hear(message: number, payload: Uint8Array): void {
    const peer = this.#listener
    if (peer !== undefined) this.tell(peer, message, payload)
  }

  /** All messages that arrived at this time were delivered. */
  endTurn(): void {
    const peer = this.#listener
    if (peer !== undefined) this.receiver.torrent.downloader.endTurn(peer)
  }

  get #listener(): Peer | undefined {
    return this.discardsArrivals ? undefined : this.senderPeer
  }

  /** Whether the receiver had requested a block; now it is answered. */
  #takeAsked(blockNumber: number): boolean {
    const reverse = this.#reverse
    return reverse ? reverse.#asked.remove(blockNumber) : false
  }

  /** A block has reached the receiver's line. */
  run(): void {
    this.receiver.downlink.arrive(this, BLOCK_LENGTH, this.sender.uplink.msFor(BLOCK_LENGTH))
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
      this.receiver.receive(peer, { piece, offset, length, isGood, wasAsked, from: this.sender })
    }
    // There is room under way for the next block.
    if (!this.isEnded) this.sender.uplink.wake(this)
  }

  // Blocks that leave.

  beginBlock(): number {
    const peer = this.receiverPeer
    if (peer === undefined || this.#underWay.length >= 2 * this.#maxUnderWay) return 0
    const request = peer.uploadQueue.shift()
    if (request === undefined) return 0
    const { piece, offset, length } = request
    this.sender.checkAnnounced(piece)
    this.#sendingNumber = this.numberOf(piece, offset)
    this.#sendingIsGood = this.sender.sendsGoodBlock()
    return length
  }

  endBlock(): void {
    const peer = this.receiverPeer
    if (peer === undefined) return
    const piece = this.pieceOf(this.#sendingNumber)
    const offset = this.offsetOf(this.#sendingNumber)
    const length = this.map.blockLength(piece, offset / BLOCK_LENGTH)
    this.sender.torrent.uploader.blockSent(peer, length)
    this.sender.onSent(length)
    this.#network.bytes.sent += length
    this.#network.bytes.underWay += length
    this.#underWay.push(this.#sendingNumber)
    this.#underWay.push(this.#sendingIsGood ? 1 : 0)
    this.#network.queue.plan(this.#network.queue.now + this.latencyMs, this)
  }
}
