import { RateMeter } from '../../base/rate-meter.js'
import { BLOCK_LENGTH } from '../../protocol/metainfo/metainfo.js'
import type { PieceMap } from '../../protocol/metainfo/piece-map.js'
import type { Contributor } from '../connect/candidates.js'
import { SNUB_MS } from '../limits.js'
import type { Peer } from '../peer.js'
import type { Picker } from '../pick/picker.js'

/** Part of a window that has to be asked for before there is need of more. */
const FULL_ENOUGH = 7 / 8

/** What the downloader leaves to others. */
export interface DownloadEvents {
  /** A piece is here and verified. */
  verified(piece: number): void
  /** A piece turned out bad; its bytes may go. */
  discarded(piece: number): void
  /** Someone sent bad data, beyond doubt. */
  caught(contributor: Contributor, piece: number): void
}

/** Fetches what is missing: which peer is asked for what, what becomes of the blocks, and who sent bad ones. */
export class Downloader {
  /** Bytes of blocks from all peers. */
  readonly received = new RateMeter()
  readonly #map: PieceMap
  readonly #picker: Picker
  readonly #peers: ReadonlySet<Peer>
  readonly #clock: { now(): number }
  readonly #events: DownloadEvents
  #wastedBytes = 0
  /** Blocks were given back: peers with nothing to do may take them. */
  #hasIdleWork = false

  constructor(
    map: PieceMap,
    picker: Picker,
    peers: ReadonlySet<Peer>,
    clock: { now(): number },
    events: DownloadEvents,
  ) {
    this.#map = map
    this.#picker = picker
    this.#peers = peers
    this.#clock = clock
    this.#events = events
  }

  /** Bytes received twice, too late, or in pieces that turned out bad or were begun anew. */
  get wastedBytes(): number {
    return this.#wastedBytes
  }

  // Blocks and pieces.

  /**
   * A block begins to arrive. `wanted`: its bytes have a place; `late`: asked for once, of no use now; `unasked`: the
   * peer must be dropped (BEP 52).
   */
  expectsBlock(peer: Peer, piece: number, offset: number, length: number): 'wanted' | 'late' | 'unasked' {
    const block = offset / BLOCK_LENGTH
    if (peer.requests.find(piece, block) < 0 || length !== this.#map.blockLength(piece, block)) {
      return peer.cancelledCount > 0 ? 'late' : 'unasked'
    }
    return this.#picker.isExpected(piece, block) ? 'wanted' : 'late'
  }

  /** A block's bytes are in their place; its request is answered. False where the block is of no use any more. */
  blockReceived(peer: Peer, piece: number, offset: number, length: number): boolean {
    const block = offset / BLOCK_LENGTH
    this.#countReceived(peer, length)
    const position = peer.requests.find(piece, block)
    if (position >= 0) this.#answered(peer, position)
    const received = this.#picker.received(piece, block, peer.contributor)
    if (received === 'duplicate') this.#wastedBytes += length
    else if (received === 'new-and-asked-elsewhere') this.#cancelElsewhere(peer, piece, block, length)
    return received !== 'duplicate'
  }

  /** A block came that was of no use; its bytes were thrown away. */
  blockSkipped(peer: Peer, piece: number, offset: number, length: number): void {
    this.#countReceived(peer, length)
    this.#wastedBytes += length
    const block = offset / BLOCK_LENGTH
    const position = peer.requests.find(piece, block)
    if (position < 0) peer.cancelledCount--
    else this.#forgetRequest(peer, position)
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
    if (!isGood) {
      this.#pieceIsBad(piece)
      return
    }
    for (const contributor of this.#picker.verified(piece)) contributor.strikes--
    this.#events.verified(piece)
  }

  /** The hashes of more pieces are known (BEP 52): they can be asked for. */
  hashesKnown(first: number, last: number): void {
    for (let piece = first; piece <= last; piece++) this.#picker.want(piece)
    this.#hasIdleWork = true
  }

  /**
   * Whether a peer may be asked for a piece of which a bad copy came: those who had a part in it come last, and of them those
   * last who had a part in most.
   */
  trusts(peer: Peer, piece: number): boolean {
    const { contributor } = peer
    if (!this.#picker.isSuspect(piece, contributor)) return true
    for (const other of this.#peers) {
      if (other.isChoking || other.isSnubbed || other.refusals.has(piece) || !other.pieces.has(piece))
        continue
      const isBetter = other.contributor.strikes < contributor.strikes
      if (isBetter || !this.#picker.isSuspect(piece, other.contributor)) return false
    }
    return true
  }

  // Asking.

  /** Call when the bytes that had come from a peer are all dealt with: what it sent is asked for anew in one go. */
  endTurn(peer: Peer): void {
    if (this.#hasIdleWork) this.#putIdleToWork()
    this.requestMore(peer)
  }

  requestMore(peer: Peer): void {
    this.#dropRestarted()
    if (peer.lackingCount === 0 || !peer.mayBeAsked || !this.#peers.has(peer)) return
    const { size } = peer.window
    const { awaitedCount } = peer.requests
    // Nearly full is full enough: what is asked for in one go costs both sides less than what is asked for bit by bit.
    if (awaitedCount > size * FULL_ENOUGH) return
    const room = Math.min(size - awaitedCount, peer.requests.room)
    if (room > 0) this.#picker.fill(peer, room)
  }

  onChoked(peer: Peer): void {
    // With the fast extension each request is answered all the same (BEP 6).
    if (peer.supportsFast) this.#picker.leave(peer)
    else this.#takeBackAll(peer)
  }

  /** Nothing more is expected of a peer: it is gone, or dropped all requests. */
  releaseAll(peer: Peer): void {
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
    if (!wasReleased && peer.requests.releasedCount > 0) {
      peer.cancelledCount += peer.requests.removeReleased()
    }
  }

  #cancelElsewhere(sender: Peer, piece: number, block: number, length: number): void {
    for (const peer of this.#peers) {
      if (peer === sender) continue
      const position = peer.requests.find(piece, block)
      if (position < 0) continue
      peer.requests.removeAt(position)
      peer.cancelledCount++
      peer.link.cancel(piece, block * BLOCK_LENGTH, length)
      this.#hasIdleWork = true
    }
  }

  /** Pieces that are begun anew: what came of them goes, and what was asked for is not wanted. */
  #dropRestarted(): void {
    for (const download of this.#picker.takeRestarted()) {
      const { piece } = download
      this.#countWasted(piece, block => download.isReceived(block))
      this.#events.discarded(piece)
      for (const peer of this.#peers) this.#cancelPiece(peer, piece)
    }
  }

  #countWasted(piece: number, isWasted: (block: number) => boolean): void {
    const blocks = this.#map.blockCount(piece)
    for (let block = 0; block < blocks; block++) {
      if (isWasted(block)) this.#wastedBytes += this.#map.blockLength(piece, block)
    }
  }

  #cancelPiece(peer: Peer, piece: number): void {
    for (let position = peer.requests.length - 1; position >= 0; position--) {
      if (peer.requests.pieceAt(position) !== piece) continue
      const block = peer.requests.blockAt(position)
      peer.requests.removeAt(position)
      peer.cancelledCount++
      peer.link.cancel(piece, block * BLOCK_LENGTH, this.#map.blockLength(piece, block))
    }
  }

  #pieceIsBad(piece: number): void {
    this.#events.discarded(piece)
    this.#countWasted(piece, () => true)
    const contributors = this.#picker.failed(piece)
    for (const contributor of contributors) {
      // Only who sent all of it lied beyond doubt; the next copy is asked of one peer alone.
      if (contributors.size === 1) this.#events.caught(contributor, piece)
      else contributor.strikes++
    }
    this.#hasIdleWork = true
  }

  #checkSnubbed(peer: Peer, now: number): void {
    if (peer.requests.awaitedCount === 0) return
    if (now - Math.max(peer.waitingSince, peer.lastBlockAt) < SNUB_MS) return
    if (peer.isChoking) {
      // It should have rejected them (BEP 6).
      this.#takeBackAll(peer)
      return
    }
    // Where it is silent still, what was given back the last time is lost.
    peer.cancelledCount += peer.requests.removeReleased()
    peer.isSnubbed = true
    peer.window.snub()
    // Others may have its blocks; should they come all the same, they are welcome.
    for (let position = 0; position < peer.requests.length; position++) this.#release(peer, position)
    this.#picker.leave(peer)
  }

  /** Its requests are not counted on any more; should answers come all the same, they are no offence. */
  #takeBackAll(peer: Peer): void {
    peer.cancelledCount += peer.requests.length
    this.releaseAll(peer)
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
