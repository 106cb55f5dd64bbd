import { RateMeter } from '../../base/rate-meter.js'
import { BLOCK_LENGTH } from '../../protocol/metainfo/metainfo.js'
import type { PieceMap } from '../../protocol/metainfo/piece-map.js'
import type { Picker } from '../pick/picker.js'
import type { BlockReturns } from './ledger.js'
import type { BlockSource, SourceDownloader, YieldingSource } from './source.js'
import { type VerdictEvents, Verdicts, type VerdictWorld } from './verdicts.js'

/** Fetches missing blocks: keeps sources busy, and decides on each block and piece that comes, good or bad. */
export class Downloader implements SourceDownloader, BlockReturns {
  /** Bytes of blocks from all sources. */
  readonly received = new RateMeter()
  readonly #map: PieceMap
  readonly #picker: Picker
  readonly #sources: ReadonlySet<BlockSource>
  readonly #yielding: ReadonlySet<YieldingSource>
  readonly #clock: { now(): number }
  readonly #verdicts: Verdicts
  #wastedBytes = 0
  #duplicateBytes = 0
  #lateBytes = 0
  /** Blocks were given back: they may be requested from sources with nothing to do. */
  #hasIdleWork = false

  /** @param yielding those of the sources that leave pieces to others */
  constructor(
    map: PieceMap,
    picker: Picker,
    sources: ReadonlySet<BlockSource>,
    yielding: ReadonlySet<YieldingSource>,
    world: VerdictWorld & { now(): number },
    events: VerdictEvents,
  ) {
    this.#map = map
    this.#picker = picker
    this.#sources = sources
    this.#yielding = yielding
    this.#clock = world
    this.#verdicts = new Verdicts(picker, sources, world, events)
  }

  /** Bytes received twice, too late, or in bad pieces. */
  get wastedBytes(): number {
    return this.#wastedBytes
  }

  /** Of the wasted bytes, those of blocks that were here already or came too late. */
  get duplicateBytes(): number {
    return this.#duplicateBytes
  }

  /**
   * Bytes of blocks whose requests had been taken back: they count neither as received nor for their sources, and are
   * bounded for each source (`taken-back.ts`).
   */
  get lateBytes(): number {
    return this.#lateBytes
  }

  // Blocks and pieces.

  /**
   * A block begins to arrive. `wanted`: its bytes have a place; `late`: it was requested and is of no use now; `unasked`: the
   * source must be dropped (BEP 52).
   */
  expectsBlock(
    { ledger }: BlockSource,
    piece: number,
    offset: number,
    length: number,
  ): 'wanted' | 'late' | 'unasked' {
    const block = offset / BLOCK_LENGTH
    if (!Number.isInteger(block) || length !== this.#map.blockLength(piece, block)) return 'unasked'
    if (ledger.requests.find(piece, block) < 0)
      return ledger.takenBack.mayCome(piece, block, length) ? 'late' : 'unasked'
    return this.#picker.isExpected(piece, block) ? 'wanted' : 'late'
  }

  /** A block's bytes are in their place; its request is answered. False where the block is of no use any more. */
  blockReceived(source: BlockSource, piece: number, offset: number, length: number): boolean {
    const block = offset / BLOCK_LENGTH
    const { ledger } = source
    this.#countReceived(source, length)
    const position = ledger.requests.find(piece, block)
    if (position >= 0) ledger.answered(position)
    const received = this.#picker.received(piece, block, source.contributor)
    if (received === 'duplicate') this.#countDuplicate(length)
    else ledger.takenBack.onUseful(length)
    if (received === 'new-and-asked-elsewhere') this.#cancelElsewhere(source, piece, block)
    return received !== 'duplicate'
  }

  /** A block of no use came; its bytes were discarded. */
  blockSkipped(source: BlockSource, piece: number, offset: number, length: number): void {
    const block = offset / BLOCK_LENGTH
    const { ledger } = source
    const position = ledger.requests.find(piece, block)
    if (position < 0) {
      ledger.takenBack.came(piece, block, length)
      this.#lateBytes += length
      return
    }
    this.#countReceived(source, length)
    this.#countDuplicate(length)
    ledger.forget(position)
  }

  /** Whether a source that is in the middle of a block has to leave it to another, which begins to send it, too. */
  yields(holder: BlockSource, to: BlockSource): boolean {
    const now = this.#clock.now()
    const isSilent = holder.expectedRate === 0
    return isSilent || 2 * holder.ledger.received.bytesPerSecond(now) < to.ledger.received.bytesPerSecond(now)
  }

  /** A block that had begun to arrive was given up; its further bytes are discarded. */
  blockGivenUp({ ledger }: BlockSource, piece: number, offset: number): void {
    const position = ledger.requests.find(piece, offset / BLOCK_LENGTH)
    if (position >= 0) ledger.forget(position)
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

  /** The received bytes of a piece were lost on our side: it is fetched again, and no source is to blame. */
  pieceSpoiled(piece: number): void {
    this.#wastedBytes += this.#map.dataSize(piece)
    this.#picker.restart(piece)
    this.#hasIdleWork = true
  }

  /** The hashes of the blocks of a bad piece are known (BEP 52). */
  blockHashesKnown(piece: number, hashes: Uint8Array): void {
    this.#verdicts.blockHashesKnown(piece, hashes)
  }

  /** The hashes of more pieces are known (BEP 52): these can be requested. */
  hashesKnown(first: number, last: number): void {
    for (let piece = first; piece <= last; piece++) this.#picker.want(piece)
    this.#hasIdleWork = true
  }

  /** Whether a piece that had a bad copy may be requested from a source. */
  trusts(source: BlockSource, piece: number): boolean {
    return this.#verdicts.trusts(source, piece)
  }

  // Requests.

  /** Call once all bytes that came from a source are handled: requests as many more blocks as there is room for. */
  endTurn(source: BlockSource): void {
    if (this.#hasIdleWork) this.#putIdleToWork()
    this.requestMore(source)
  }

  requestMore(source: BlockSource): void {
    if (source.mayBeAsked) source.requestMore()
  }

  /**
   * Asks a source for up to `count` more blocks: open ones, then pieces that another source can do without, and in the endgame what was
   * requested once already. Of a source that is gone nothing is requested: that is looked up here, where few turns come.
   */
  fill(source: BlockSource, count: number): void {
    if (!this.#sources.has(source)) return
    if (this.#yielding.size > 0) this.#takePreferred(source)
    let left = this.#picker.fill(source, count)
    if (left > 0 && this.#takeOver(source)) left = this.#picker.fill(source, left)
    if (left > 0) this.#picker.fillTwice(source, left)
  }

  leave(source: BlockSource): void {
    this.#picker.leave(source)
  }

  giveBack(piece: number, block: number): void {
    this.#picker.release(piece, block)
    this.#hasIdleWork = true
  }

  isExpected(piece: number, block: number): boolean {
    return this.#picker.isExpected(piece, block)
  }

  /** A source is gone: nothing that was left to it waits for it. */
  onRemoved(source: BlockSource): void {
    source.ledger.forgetAll()
    this.#picker.leave(source)
    this.#picker.endReservations(source.contributor)
    this.#hasIdleWork = true
  }

  /** Call once a second. */
  onSecond(now: number): void {
    this.#picker.onSecond()
    for (const source of this.#sources) source.onSecond(now)
    this.#hasIdleWork = false
    for (const source of this.#sources) this.requestMore(source)
  }

  #countReceived(source: BlockSource, length: number): void {
    const now = this.#clock.now()
    this.received.add(length, now)
    source.onBlock(length, now)
  }

  #cancelElsewhere(sender: BlockSource, piece: number, block: number): void {
    for (const source of this.#sources) {
      if (source === sender || source.ledger.requests.find(piece, block) < 0) continue
      source.cameElsewhere(piece, block)
      this.#hasIdleWork = true
    }
  }

  /** A piece that a seeder suggests is to come from it, since no other peer has it yet: unless it has begun to come from elsewhere. */
  #takePreferred(source: BlockSource): void {
    if (source.runLength > 0) return
    const { pickable } = this.#picker
    source.preferred(
      () => true,
      piece =>
        pickable.isAmongNext(piece) &&
        source.pieces.has(piece) &&
        source.mayAskFor(piece) &&
        this.#free(source, piece),
    )
  }

  #free(source: BlockSource, piece: number): boolean {
    for (const other of this.#yielding)
      if (other !== source && other.yieldPiece(requested => requested === piece)) return true
    return false
  }

  /** A source that has nothing else to do takes a piece over. False where there is none. */
  #takeOver(source: BlockSource): boolean {
    if (this.#yielding.size === 0 || source.expectedRate === 0) return false
    const mayTake = (piece: number, isNext: boolean) =>
      !isNext && source.pieces.has(piece) && source.mayAskFor(piece)
    for (const other of this.#yielding) if (other !== source && other.yieldPiece(mayTake)) return true
    return false
  }

  #countDuplicate(length: number): void {
    this.#wastedBytes += length
    this.#duplicateBytes += length
  }

  #putIdleToWork(): void {
    this.#hasIdleWork = false
    for (const source of this.#sources)
      if (source.ledger.requests.awaitedCount === 0) this.requestMore(source)
  }
}
