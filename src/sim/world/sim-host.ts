import { Bitfield } from '../../base/bitfield.js'
import { SeededRandom } from '../../base/random.js'
import { inOneGo, type Steps } from '../../base/steps.js'
import type { BlockSource } from '../../engine/download/source.js'
import type { PickOrder } from '../../engine/pick/make-strategy.js'
import { WantedPieces } from '../../engine/pick/wanted-pieces.js'
import { Torrent } from '../../engine/torrent.js'
import type { CloseReason, TorrentWorld } from '../../engine/world.js'
import { BLOCK_LENGTH } from '../../protocol/metainfo/metainfo.js'
import { makePeerId } from '../../protocol/peer/peer-id.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import { exceeded, useOf } from '../checks/bounds.js'
import { Violation, type ViolationCode } from '../checks/violation.js'
import { Downlink } from '../net/downlink.js'
import { Uplink } from '../net/uplink.js'
import type { ArrivedBlock, Wire, WireHost } from '../net/wire.js'
import { indexOf, type Journal } from '../report/journal.js'
import type { EventQueue } from '../time/event-queue.js'
import type { Content } from './content.js'
import { simDigests } from './digests.js'
import { Disk } from './disk.js'
import type { HostPlan } from './host-plan.js'
import { HostRecord } from './host-record.js'
import { PieceStore } from './piece-store.js'

const LISTEN_PORT = 6881
const SECOND_MS = 1_000

/** One of four blocks that a liar sends is bad. */
const BAD_BLOCK_EVERY = 4

const HAS_BLOCK = indexOf('has block from')
const VERIFIED = indexOf('verified piece')
const FOUND_BAD = indexOf('found piece bad')
const COMPLETED = indexOf('completed')
const BANNED = indexOf('banned')

/** The swarm, as a host sees it. */
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
  /** The host wants to leave now. */
  onLeaves(host: SimHost): void
}

/** A machine of the swarm: its lines and its disk, around the engine of the real client. */
export class SimHost implements TorrentWorld, WireHost {
  readonly id: number
  readonly plan: HostPlan
  readonly address: PeerAddress
  readonly peerId: Uint8Array
  readonly random: SeededRandom
  readonly torrent: Torrent
  readonly uplink: Uplink
  readonly downlink: Downlink
  readonly disk: Disk
  readonly store: PieceStore
  readonly record: HostRecord
  /** The wires on which it sends. */
  readonly connections = new Set<Wire>()
  isPresent = false
  readonly #around: Surroundings
  /** Randomness of its faults; the engine has its own, so that a fault changes nothing but its consequences. */
  readonly #faults: SeededRandom

  constructor(id: number, plan: HostPlan, seed: number, around: Surroundings) {
    const { content, queue, maxPeers } = around
    this.id = id
    this.plan = plan
    this.#around = around
    // Each is in a network of its own, since the allowed-fast set goes by the network (BEP 6).
    this.address = { host: `10.${id >> 8}.${id & 255}.1`, port: LISTEN_PORT }
    this.random = new SeededRandom(Math.imul(seed, 0x9e3779b1) + 2 * id)
    this.#faults = new SeededRandom(Math.imul(seed, 0x9e3779b1) + 2 * id + 1)
    this.peerId = makePeerId('0.0.0', this.random)
    this.disk = new Disk(plan.disk, queue)
    this.uplink = new Uplink(plan.uploadRate, queue, this.disk)
    this.downlink = new Downlink(plan.downloadRate, queue, () => this.disk.roomAt)
    this.store = new PieceStore(content.map, plan.isSeed)
    this.record = new HostRecord(id, plan)
    const { pieceCount } = content.map
    this.torrent = new Torrent(
      {
        infoHash: new Uint8Array(20),
        peerId: this.peerId,
        map: content.map,
        hashes: content.hashes,
        layeredFiles: [],
        wanted: new WantedPieces(plan.isSeed ? Bitfield.full(pieceCount) : new Bitfield(pieceCount)),
        pick: around.pick,
        digests: simDigests,
        maxPeers,
        client: 'sim',
        listenPort: LISTEN_PORT,
        upload: plan.upload,
        // The tracker knows all peers.
        exchangesPeers: false,
      },
      this,
    )
  }

  // What the engine asks of its world.

  now(): number {
    return this.#around.queue.now
  }

  hasPlace(): boolean {
    return true
  }

  mayConnect(): boolean {
    return this.isPresent
  }

  connect(address: PeerAddress): void {
    this.#around.connect(this, address)
  }

  workInTurns(steps: Steps<void>): void {
    inOneGo(steps)
  }

  digestBlocks(piece: number, use: (digests: Uint8Array | undefined) => void): void {
    const { content, queue } = this.#around
    const run = () => {
      if (this.isPresent) use(this.store.digests(piece))
    }
    queue.plan(this.disk.pieceDoneAt(content.map.pieceLength), { run })
  }

  discardPiece(piece: number): void {
    this.store.discard(piece)
  }

  completed(): void {
    this.record.completedAt = this.now()
    this.#around.journal.note(COMPLETED, this.id)
    this.#around.onCompleted(this)
  }

  onBanned(address: PeerAddress): void {
    const banned = this.#around.hostAt(address)
    if (banned === undefined) return
    banned.record.bannedBy++
    this.#around.journal.note(BANNED, this.id, banned.id)
  }

  // What happens to the host.

  join(): void {
    this.isPresent = true
    this.record.joinedAt = this.now()
    // The seconds of different hosts begin at different times.
    this.#planSecond(this.#faults.below(SECOND_MS))
  }

  leave(): void {
    this.isPresent = false
    this.record.leftAt = this.now()
    for (const wire of [...this.connections]) {
      const peer = wire.receiverPeer
      if (peer !== undefined) this.torrent.removePeer(peer)
      wire.end()
    }
  }

  /** A block came from a peer or a web server. */
  receive(source: BlockSource, block: ArrivedBlock): void {
    const { piece, offset, length, isGood, wasAsked, from } = block
    const { downloader } = this.torrent
    this.record.received += length
    this.#around.journal.note(HAS_BLOCK, this.id, from.id, piece)
    switch (downloader.expectsBlock(source, piece, offset, length)) {
      case 'unasked':
        this.fail('wrongly-dropped', `host ${from.id} for a block at ${offset} of piece ${piece}`)
        break
      case 'late':
        downloader.blockSkipped(source, piece, offset, length)
        break
      case 'wanted': {
        if (!wasAsked) this.fail('unasked-block', `block at ${offset} of piece ${piece} from host ${from.id}`)
        this.disk.write(length)
        const isNew = downloader.blockReceived(source, piece, offset, length)
        if (isNew && this.store.place(piece, offset / BLOCK_LENGTH, isGood)) {
          this.#hashLater(piece)
        }
      }
    }
    downloader.endTurn(source)
    if (this.disk.isFull) this.#around.onDiskFull(this)
  }

  sendsGoodBlock(): boolean {
    if (this.plan.behaviour !== 'liar' || this.#faults.below(BAD_BLOCK_EVERY) > 0) return true
    this.record.badBlocksSent++
    return false
  }

  onSent(length: number): void {
    this.record.sent += length
    const { leaving } = this.plan
    if (leaving.type === 'after-sending' && this.record.sent >= leaving.bytes) this.#around.onLeaves(this)
  }

  // Invariants.

  checkAnnounced(piece: number): void {
    if (!this.store.verified.has(piece)) this.fail('unverified-piece', `piece ${piece}`)
  }

  checkAllAnnounced(pieces: Bitfield | undefined): void {
    const count = pieces?.countWithout(this.store.verified) ?? 0
    if (count > 0) this.fail('unverified-piece', `${count} pieces of a bitfield`)
  }

  /** All hosts follow the protocol, so that none may be dropped for a breach of it. */
  checkClosed(other: { readonly id: number }, reason: CloseReason, detail: string): void {
    if (reason !== 'protocol-error' && reason !== 'unasked-block') return
    this.fail('wrongly-dropped', `host ${other.id} for ${reason}: ${detail}`)
  }

  fail(code: ViolationCode, what: string): never {
    throw new Violation(code, what, { host: this.id, time: this.now() })
  }

  #planSecond(inMs: number): void {
    const second = {
      run: () => {
        if (!this.isPresent) return
        this.torrent.onSecond()
        const over = exceeded(useOf(this.torrent, this.#around.maxPeers, this.store.begun))
        if (over !== undefined) this.fail('bound-exceeded', over)
        this.#around.queue.plan(this.now() + SECOND_MS, second)
      },
    }
    this.#around.queue.plan(this.now() + inMs, second)
  }

  #hashLater(piece: number): void {
    const { content, queue } = this.#around
    queue.plan(this.disk.pieceDoneAt(content.map.pieceLength), { run: () => this.#hashed(piece) })
  }

  #hashed(piece: number): void {
    if (!this.isPresent) return
    const isGood = this.store.hash(piece)
    this.#around.journal.note(isGood ? VERIFIED : FOUND_BAD, this.id, piece)
    if (isGood) {
      this.record.onVerified(this.store.verified, this.now())
      this.#around.onVerified(this, piece)
    }
    this.torrent.downloader.pieceHashed(piece, isGood)
  }
}
