import type { Bitfield } from '../../base/bitfield.js'
import type { Random } from '../../base/random.js'
import type { PieceMap } from '../../protocol/metainfo/piece-map.js'
import type { Contributor } from '../connect/candidates.js'
import { PieceDownload, type Received } from '../download/piece-download.js'
import type { RequestQueue } from '../download/request-queue.js'
import type { Suggestions } from '../download/suggestions.js'
import { EXCLUSIVE_SECONDS, MAX_EXCLUSIVE_ATTEMPTS } from '../limits.js'
import type { PieceStrategy } from './strategy.js'

/** What the picker must know of a peer, and do to it. */
export interface PickingPeer {
  /** The pieces it has. */
  readonly pieces: Bitfield
  readonly requests: RequestQueue
  /** The piece it works through. */
  current: PieceDownload<PickingPeer> | undefined
  /** The few pieces that it may be asked for; undefined where all that it has are open to us. */
  readonly onlyPieces: Iterable<number> | undefined
  /** What it would rather be asked for. */
  readonly suggested: Suggestions
  /** False for pieces that it may not be asked for now. */
  readonly mayAskFor: (piece: number) => boolean
  /** Asks it for a block. */
  ask(piece: number, block: number): void
}

/** Blocks that a peer is given a second time in one go, when all are asked for (endgame). */
const ENDGAME_BATCH = 16

type Download = PieceDownload<PickingPeer>

/** What is known of a piece of which a bad copy came. */
interface Suspicion {
  /** Who took part in bad copies. */
  readonly contributors: Set<Contributor>
  /** How often one peer alone began it since the last bad copy. */
  attempts: number
}

const NONE: readonly Download[] = []

/**
 * Which block is asked of whom. A piece that was begun is finished first; each peer works through a piece of its own, in
 * order, so that it can be hashed as it comes; peers share a piece when nothing else is left, and in the endgame a block
 * is asked of two at the most.
 *
 * A piece is in one of these places: a candidate of the strategy, on its way (`#active`), complete and being verified
 * (`#verifying`), in `have`, or not wanted.
 */
export class Picker {
  /** Verified pieces. */
  readonly have: Bitfield
  readonly #map: PieceMap
  readonly #strategy: PieceStrategy
  readonly #random: Random
  readonly #active = new Map<number, Download>()
  /** Active pieces with open blocks on which no peer works. */
  readonly #orphans = new Set<Download>()
  readonly #verifying = new Map<number, Download>()
  readonly #suspects = new Map<number, Suspicion>()
  /** What was given up with all that had come of it. */
  #restarted: readonly Download[] = NONE
  #openBlocks = 0

  /** @param have pieces that are there already; all others are wanted once `want` names them */
  constructor(map: PieceMap, strategy: PieceStrategy, have: Bitfield, random: Random) {
    this.#map = map
    this.#strategy = strategy
    this.have = have
    this.#random = random
  }

  /** Every piece that is wanted has been begun, and every block asked for. */
  get isEndgame(): boolean {
    return this.#strategy.size === 0 && this.#openBlocks === 0 && this.#active.size > 0
  }

  want(piece: number): void {
    if (!this.have.has(piece) && !this.#active.has(piece) && !this.#verifying.has(piece)) {
      this.#strategy.add(piece)
    }
  }

  /** One more, or one fewer, of the peers that are no seeds has the piece. */
  availabilityChanged(piece: number, by: 1 | -1): void {
    this.#strategy.availabilityChanged?.(piece, by)
  }

  /** As `availabilityChanged` for all pieces of a peer that comes or goes. */
  availabilitiesChanged(pieces: Bitfield, by: 1 | -1): void {
    const { availabilityChanged } = this.#strategy
    if (availabilityChanged !== undefined) for (const piece of pieces) availabilityChanged(piece, by)
  }

  /** Whether this contributor had a part in a bad copy of the piece. */
  isSuspect(piece: number, contributor: Contributor): boolean {
    return this.#suspects.get(piece)?.contributors.has(contributor) ?? false
  }

  /** True where a block is on its way, and not here yet. */
  isExpected(piece: number, block: number): boolean {
    return this.#active.get(piece)?.isReceived(block) === false
  }

  /** Asks a peer for up to `count` more blocks. */
  fill(peer: PickingPeer, count: number): void {
    let left = count
    while (left > 0) {
      const download = this.#workOf(peer)
      if (download === undefined) break
      const block = download.takeOpen()
      if (block < 0) continue
      this.#openBlocks--
      peer.ask(download.piece, block)
      left--
    }
    if (left > 0 && this.isEndgame) this.#fillTwice(peer, Math.min(left, ENDGAME_BATCH))
  }

  /** A block has come. */
  received(piece: number, block: number, sender: Contributor): Received {
    const download = this.#active.get(piece)
    if (download === undefined) return 'duplicate'
    const openBefore = download.openCount
    const received = download.receive(block, sender)
    if (received === 'duplicate') return received
    this.#openBlocks -= openBefore - download.openCount
    if (download.openCount === 0) this.#orphans.delete(download)
    if (download.isComplete) {
      this.#active.delete(piece)
      this.#verifying.set(piece, download)
    }
    return received
  }

  /** A peer that was asked will not send a block. */
  release(piece: number, block: number): void {
    const download = this.#active.get(piece)
    if (download?.release(block) !== true) return
    this.#openBlocks++
    if (download.owner === undefined) this.#orphan(download)
  }

  /** A peer stops working on its piece: it choked us, or went. Its requests are released one by one before. */
  leave(peer: PickingPeer): void {
    const download = peer.current
    peer.current = undefined
    if (download === undefined || download.owner !== peer) return
    download.owner = undefined
    if (this.#active.get(download.piece) === download && download.openCount > 0) this.#orphan(download)
  }

  /**
   * The bytes of a piece were verified.
   * @returns who sent them
   */
  verified(piece: number): Set<Contributor> {
    const contributors = this.#verifying.get(piece)?.contributors ?? new Set()
    this.#verifying.delete(piece)
    this.#suspects.delete(piece)
    this.have.add(piece)
    return contributors
  }

  /**
   * The bytes of a piece are wrong: it is wanted anew.
   * @returns who sent them
   */
  failed(piece: number): Set<Contributor> {
    const contributors = this.#verifying.get(piece)?.contributors ?? new Set()
    this.#verifying.delete(piece)
    const before = this.#suspects.get(piece)?.contributors ?? []
    this.#suspects.set(piece, { contributors: new Set([...before, ...contributors]), attempts: 0 })
    this.want(piece)
    return contributors
  }

  /** Pieces that were begun anew since the last call: what came of them is of no use. */
  takeRestarted(): readonly Download[] {
    const restarted = this.#restarted
    this.#restarted = NONE
    return restarted
  }

  /** Once a second: nobody keeps a suspect piece to itself for ever. */
  onSecond(): void {
    if (this.#suspects.size === 0) return
    for (const download of this.#active.values()) if (download.isExclusive) download.exclusiveSeconds--
  }

  #workOf(peer: PickingPeer): Download | undefined {
    const current = peer.current
    if (current !== undefined && current.openCount > 0 && this.#active.get(current.piece) === current)
      return current
    if (current?.owner === peer) current.owner = undefined
    peer.current =
      this.#suggestedFor(peer) ?? this.#orphanFor(peer) ?? this.#beginFor(peer) ?? this.#sharedFor(peer)
    if (peer.current !== undefined && peer.current.owner === undefined) {
      peer.current.owner = peer
      this.#orphans.delete(peer.current)
    }
    return peer.current
  }

  #orphanFor(peer: PickingPeer): Download | undefined {
    for (const download of this.#orphans) if (canAsk(peer, download)) return download
    return undefined
  }

  #beginFor(peer: PickingPeer): Download | undefined {
    const piece = this.#newPieceFor(peer)
    return piece === undefined ? undefined : this.#begin(piece)
  }

  /** What a seeder suggests nobody else has yet; where the order does not matter, that is the best to begin with. */
  #suggestedFor(peer: PickingPeer): Download | undefined {
    if (this.#strategy.isStrict) return undefined
    const piece = peer.suggested.first(
      candidate => this.#strategy.has(candidate),
      candidate => peer.pieces.has(candidate) && peer.mayAskFor(candidate),
    )
    return piece === undefined ? undefined : this.#begin(piece)
  }

  #begin(piece: number): Download {
    this.#strategy.remove(piece)
    const suspicion = this.#suspects.get(piece)
    const isExclusive = suspicion !== undefined && suspicion.attempts++ < MAX_EXCLUSIVE_ATTEMPTS
    const exclusiveSeconds = isExclusive ? EXCLUSIVE_SECONDS : 0
    const download: Download = new PieceDownload(piece, this.#map.blockCount(piece), exclusiveSeconds)
    this.#active.set(piece, download)
    this.#openBlocks += download.openCount
    return download
  }

  #newPieceFor(peer: PickingPeer): number | undefined {
    if (peer.onlyPieces === undefined) return this.#strategy.pick(peer.pieces, peer.mayAskFor)
    // They are few, and the strategy may hold millions.
    for (const piece of peer.onlyPieces) {
      if (this.#strategy.has(piece) && peer.pieces.has(piece) && peer.mayAskFor(piece)) return piece
    }
    return undefined
  }

  #sharedFor(peer: PickingPeer): Download | undefined {
    if (this.#openBlocks === 0) return undefined
    for (const download of this.#active.values()) {
      if (download.openCount > 0 && !download.isExclusive && canAsk(peer, download)) return download
    }
    return undefined
  }

  #fillTwice(peer: PickingPeer, count: number): void {
    let left = count
    for (const download of this.#active.values()) {
      if (download.isExclusive || !canAsk(peer, download)) continue
      const from = this.#random.below(download.blockCount)
      for (; left > 0; left--) {
        const block = download.takeSecond(peer.requests, from)
        if (block < 0) break
        peer.ask(download.piece, block)
      }
      if (left === 0) return
    }
  }

  #orphan(download: Download): void {
    if (download.isUntouched) {
      this.#forget(download)
      this.#strategy.add(download.piece)
    } else if (download.isExclusive) {
      // What others add would hide again who lies.
      this.#restart(download)
    } else {
      this.#orphans.add(download)
    }
  }

  #restart(download: Download): void {
    this.#forget(download)
    this.#strategy.add(download.piece)
    this.#restarted = [...this.#restarted, download]
  }

  #forget(download: Download): void {
    this.#active.delete(download.piece)
    this.#orphans.delete(download)
    this.#openBlocks -= download.openCount
  }
}

function canAsk(peer: PickingPeer, download: Download): boolean {
  return peer.pieces.has(download.piece) && peer.mayAskFor(download.piece)
}
