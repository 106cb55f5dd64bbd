import { RateMeter } from '../../base/rate-meter.js'
import { BLOCK_LENGTH } from '../../protocol/metainfo/metainfo.js'
import type { PieceMap } from '../../protocol/metainfo/piece-map.js'
import { SNUB_MS } from '../limits.js'
import type { Peer } from '../peer.js'
import type { Picker } from '../pick/picker.js'
import { type VerdictEvents, Verdicts, type VerdictWorld } from './verdicts.js'

/** Part of a window that has to be asked for before there is need of more. */
const FULL_ENOUGH = 7 / 8

/** Fetches what is missing: which peer is asked for what, what becomes of the blocks, and who sent bad ones. */
export class Downloader {
  /** Bytes of blocks from all peers. */
  readonly received = new RateMeter()
  readonly #map: PieceMap
  readonly #picker: Picker
  readonly #peers: ReadonlySet<Peer>
  readonly #clock: { now(): number }
  readonly #verdicts: Verdicts
  #wastedBytes = 0
  #duplicateBytes = 0
  #lateBytes = 0
  /** Blocks were given back: peers with nothing to do may take them. */
  #hasIdleWork = false

  constructor(
    map: PieceMap,
    picker: Picker,
    peers: ReadonlySet<Peer>,
    world: VerdictWorld & { now(): number },
    events: VerdictEvents,
  ) {
    this.#map = map
    this.#picker = picker
    this.#peers = peers
    this.#clock = world
    this.#verdicts = new Verdicts(picker, peers, world, events)
  }

  /** Bytes received twice, too late, or in pieces that turned out bad. */
  get wastedBytes(): number {
    return this.#wastedBytes
  }

  /** Of the wasted bytes, those of blocks that were here already or came too late. */
  get duplicateBytes(): number {
    return this.#duplicateBytes
  }

  /**
   * Bytes of blocks whose requests had been taken back: they count neither as received nor in favour of their peers, and are
   * bounded for each peer (`taken-back.ts`).
   */
  get lateBytes(): number {
    return this.#lateBytes
  }

  // Blocks and pieces.

  /**
   * A block begins to arrive. `wanted`: its bytes have a place; `late`: it was asked for and is of no use now; `unasked`: the
   * peer must be dropped (BEP 52).
   */
  expectsBlock(peer: Peer, piece: number, offset: number, length: number): 'wanted' | 'late' | 'unasked' {
    const block = offset / BLOCK_LENGTH
    if (!Number.isInteger(block) || length !== this.#map.blockLength(piece, block)) return 'unasked'
    if (peer.requests.find(piece, block) < 0)
      return peer.takenBack.mayCome(piece, block, length) ? 'late' : 'unasked'
    return this.#picker.isExpected(piece, block) ? 'wanted' : 'late'
  }

  /** A block's bytes are in their place; its request is answered. False where the block is of no use any more. */
  blockReceived(peer: Peer, piece: number, offset: number, length: number): boolean {
    const block = offset / BLOCK_LENGTH
    this.#countReceived(peer, length)
    const position = peer.requests.find(piece, block)
    if (position >= 0) this.#answered(peer, position)
    const received = this.#picker.received(piece, block, peer.contributor)
    if (received === 'duplicate') this.#countDuplicate(length)
    else peer.takenBack.onUseful(length)
    if (received === 'new-and-asked-elsewhere') this.#cancelElsewhere(peer, piece, block, length)
    return received !== 'duplicate'
  }

  /** A block came that was of no use; its bytes were thrown away. */
  blockSkipped(peer: Peer, piece: number, offset: number, length: number): void {
    const block = offset / BLOCK_LENGTH
    const position = peer.requests.find(piece, block)
    if (position < 0) {
      peer.takenBack.came(piece, block, length)
      this.#lateBytes += length
      return
    }
    this.#countReceived(peer, length)
    this.#countDuplicate(length)
    this.#forgetRequest(peer, position)
  }

  /** Whether a peer that is in the middle of a block is to leave it to another, which begins to send it, too. */
  yields(holder: Peer, to: Peer): boolean {
    const now = this.#clock.now()
    return holder.isSnubbed || 2 * holder.received.bytesPerSecond(now) < to.received.bytesPerSecond(now)
  }

  /** A block that had begun to arrive was given up; what still comes of it is thrown away. */
  blockGivenUp(peer: Peer, piece: number, offset: number): void {
    const position = peer.requests.find(piece, offset / BLOCK_LENGTH)
    if (position >= 0) this.#forgetRequest(peer, position)
  }

  /** The bytes of a complete piece were hashed. */
  pieceHashed(piece: number, isGood: boolean): void {
    if (isGood) {
      this.#verdicts.good(piece)
      return
    }
    this.#wastedBytes += this.#map.dataSize(piece)
    this.#verdicts.bad(piece)
    this.#hasIdleWork = true
  }

  /** What was received of a piece is lost on our side: it is fetched again, and no peer is to blame. */
  pieceSpoiled(piece: number): void {
    this.#wastedBytes += this.#map.dataSize(piece)
    this.#picker.restart(piece)
    this.#hasIdleWork = true
  }

  /** The hashes of the blocks of a piece that turned out bad are known (BEP 52). */
  blockHashesKnown(piece: number, hashes: Uint8Array): void {
    this.#verdicts.blockHashesKnown(piece, hashes)
  }

  /** The hashes of more pieces are known (BEP 52): they can be asked for. */
  hashesKnown(first: number, last: number): void {
    for (let piece = first; piece <= last; piece++) this.#picker.want(piece)
    this.#hasIdleWork = true
  }

  /** Whether a peer may be asked for a piece of which a bad copy came. */
  trusts(peer: Peer, piece: number): boolean {
    return this.#verdicts.trusts(peer, piece)
  }

  // Asking.

  /** Call when the bytes that had come from a peer are all dealt with: for what it sent, and what it has now, more is asked for in one go. */
  endTurn(peer: Peer): void {
    if (this.#hasIdleWork) this.#putIdleToWork()
    this.requestMore(peer)
  }

  requestMore(peer: Peer): void {
    if (peer.lackingCount === 0 || !peer.mayBeAsked || !this.#peers.has(peer)) return
    if (peer.isSnubbed) {
      this.#probe(peer)
      return
    }
    const { size } = peer.window
    const { awaitedCount } = peer.requests
    // Nearly full is full enough: what is asked for in one go costs both sides less than what is asked for bit by bit.
    if (awaitedCount > size * FULL_ENOUGH) return
    const room = Math.min(size - awaitedCount, peer.requests.room)
    if (room > 0) this.#picker.fill(peer, room)
  }

  onChoked(peer: Peer): void {
    if (!peer.supportsFast) {
      this.#takeBackAll(peer)
      // A peer that chokes and unchokes for nothing is asked for little each time: else ten of its bytes cost us a whole window.
      if (peer.received.total === peer.receivedAtUnchoke) peer.window.startOver()
      return
    }
    // With the fast extension each request is answered all the same (BEP 6), and a piece may be finished.
    if (peer.current === undefined || !peer.mayAskFor(peer.current.piece)) this.#picker.leave(peer)
    else this.requestMore(peer)
  }

  /** A peer is gone: nothing that was left to it waits for it. */
  onRemoved(peer: Peer): void {
    this.#releaseAll(peer)
    this.#picker.endReservations(peer.contributor)
    this.#hasIdleWork = true
  }

  /** Nothing more is expected of a peer: it is gone, or dropped all requests. */
  #releaseAll(peer: Peer): void {
    for (let position = 0; position < peer.requests.length; position++) this.#release(peer, position)
    peer.requests.clear()
    this.#picker.leave(peer)
  }

  onRejected(peer: Peer, piece: number, block: number): void {
    const position = peer.requests.find(piece, block)
    if (position >= 0) this.#forgetRequest(peer, position)
    // Others may do better with it.
    if (peer.current?.piece === piece) this.#picker.leave(peer)
  }

  /** Once a second: windows follow the rates, and those who send nothing are left waiting. */
  onSecond(now: number): void {
    this.#picker.onSecond()
    for (const peer of this.#peers) {
      peer.window.onSecond(peer.rateToUs)
      this.#checkSnubbed(peer, now)
    }
    this.#hasIdleWork = false
    for (const peer of this.#peers) this.requestMore(peer)
  }

  #countReceived(peer: Peer, length: number): void {
    const now = this.#clock.now()
    peer.received.add(length, now)
    this.received.add(length, now)
    peer.lastBlockAt = now
    peer.waitingSince = now
    peer.isSnubbed = false
    peer.window.onBlock()
  }

  /** One request less. Who answers a later one will not come back to those that were given back before. */
  #answered(peer: Peer, position: number): void {
    const wasReleased = peer.requests.isReleased(position)
    peer.requests.removeAt(position)
    if (!wasReleased && peer.requests.releasedCount > 0) peer.requests.moveReleased(peer.takenBack)
  }

  #cancelElsewhere(sender: Peer, piece: number, block: number, length: number): void {
    for (const peer of this.#peers) {
      if (peer === sender) continue
      const position = peer.requests.find(piece, block)
      if (position < 0) continue
      peer.requests.removeAt(position)
      peer.takenBack.add(piece, block)
      peer.link.cancel(piece, block * BLOCK_LENGTH, length)
      this.#hasIdleWork = true
    }
  }

  #countDuplicate(length: number): void {
    this.#wastedBytes += length
    this.#duplicateBytes += length
  }

  /** A snubbed peer is asked for a block that others may have as well: should it come, it is welcome. */
  #probe(peer: Peer): void {
    if (!peer.window.takeProbe()) return
    this.#picker.fill(peer, 1)
    const last = peer.requests.length - 1
    if (last >= 0) this.#release(peer, last)
    this.#picker.leave(peer)
  }

  #checkSnubbed(peer: Peer, now: number): void {
    const waiting = peer.isSnubbed ? peer.requests.length : peer.requests.awaitedCount
    if (waiting === 0) {
      // What it was asked for last was rejected, not left waiting: it may be asked again.
      if (peer.isSnubbed) peer.window.snub()
      return
    }
    if (now - Math.max(peer.waitingSince, peer.lastBlockAt) < SNUB_MS) return
    if (peer.isChoking) {
      // It should have rejected them (BEP 6).
      this.#takeBackAll(peer)
      return
    }
    // Where it is silent still, what was given back the last time is lost.
    peer.requests.moveReleased(peer.takenBack)
    peer.isSnubbed = true
    peer.window.snub()
    // Others may have its blocks; should they come all the same, they are welcome.
    for (let position = 0; position < peer.requests.length; position++) this.#release(peer, position)
    this.#picker.leave(peer)
  }

  /** Its requests are not counted on any more; should answers come all the same, they are no offence. */
  #takeBackAll(peer: Peer): void {
    const { requests } = peer
    for (let position = 0; position < requests.length; position++)
      peer.takenBack.add(requests.pieceAt(position), requests.blockAt(position))
    this.#releaseAll(peer)
  }

  #forgetRequest(peer: Peer, position: number): void {
    this.#release(peer, position)
    peer.requests.removeAt(position)
  }

  #release(peer: Peer, position: number): void {
    if (peer.requests.isReleased(position)) return
    peer.requests.release(position)
    this.#picker.release(peer.requests.pieceAt(position), peer.requests.blockAt(position))
    this.#hasIdleWork = true
  }

  #putIdleToWork(): void {
    this.#hasIdleWork = false
    for (const peer of this.#peers) if (peer.requests.awaitedCount === 0) this.requestMore(peer)
  }
}
