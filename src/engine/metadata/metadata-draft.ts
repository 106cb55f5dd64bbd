import { concatBytes } from '../../base/bytes.js'
import { METADATA_PIECE_LENGTH } from '../../protocol/peer/metadata-message.js'

/** Milliseconds after which a piece that has not come is asked of a second peer as well. */
const ASK_AGAIN_MS = 1_000

/**
 * Metadata in progress, from peers that state the same size. It can be verified only when all of it is here: its pieces have
 * no hashes of their own (BEP 9).
 */
export class MetadataDraft<Peer> {
  /** Bytes. */
  readonly size: number
  /** The peer that all of it is fetched from; undefined where every peer that states the size sends pieces. */
  readonly only: Peer | undefined
  /** Peers that pieces are asked of. */
  readonly peers = new Set<Peer>()
  readonly #pieces: (Uint8Array | undefined)[]
  /** By piece, the peer that sent it. */
  readonly #sources: (Peer | undefined)[]
  /** By piece, when it was asked for last, in ms; -Infinity where no answer is awaited. */
  readonly #askedAt: number[]
  #missingCount: number

  constructor(size: number, only: Peer | undefined) {
    this.size = size
    this.only = only
    const pieceCount = Math.ceil(size / METADATA_PIECE_LENGTH)
    this.#pieces = new Array(pieceCount).fill(undefined)
    this.#sources = new Array(pieceCount).fill(undefined)
    this.#askedAt = new Array(pieceCount).fill(Number.NEGATIVE_INFINITY)
    this.#missingCount = pieceCount
  }

  get isComplete(): boolean {
    return this.#missingCount === 0
  }

  /** Bytes that are here. */
  get got(): number {
    if (this.isComplete) return this.size
    const last = this.#pieces.length - 1
    const full = this.#pieces.length - this.#missingCount
    const lastLength = this.size - last * METADATA_PIECE_LENGTH
    return full * METADATA_PIECE_LENGTH - (this.#pieces[last] ? METADATA_PIECE_LENGTH - lastLength : 0)
  }

  /** The peers whose pieces are here. */
  get sources(): ReadonlySet<Peer> {
    return new Set(this.#sources.filter(source => source !== undefined))
  }

  /** The missing piece that was requested longest ago; undefined where `isAsked` or a recent request rules out each of them. */
  pick(now: number, isAsked: (piece: number) => boolean): number | undefined {
    let best: number | undefined
    let bestAt = now - ASK_AGAIN_MS
    for (const [piece, askedAt] of this.#askedAt.entries()) {
      if (askedAt > bestAt || this.#pieces[piece] !== undefined || isAsked(piece)) continue
      if (askedAt === Number.NEGATIVE_INFINITY) return piece
      if (best !== undefined && askedAt === bestAt) continue
      best = piece
      bestAt = askedAt
    }
    return best
  }

  asked(piece: number, now: number): void {
    this.#askedAt[piece] = now
  }

  /** An answer is no longer awaited: the piece is requested from the next peer that has room. */
  reopen(piece: number): void {
    this.#askedAt[piece] = Number.NEGATIVE_INFINITY
  }

  /** Keeps a piece, of the right length; false where it is here already. */
  add(piece: number, bytes: Uint8Array, source: Peer): boolean {
    if (this.#pieces[piece] !== undefined) return false
    this.#pieces[piece] = bytes
    this.#sources[piece] = source
    this.#missingCount--
    return true
  }

  /** The pieces that a peer sent. */
  *piecesOf(source: Peer): Iterable<readonly [piece: number, bytes: Uint8Array]> {
    for (const [piece, bytes] of this.#pieces.entries()) {
      if (bytes !== undefined && this.#sources[piece] === source) yield [piece, bytes]
    }
  }

  /** All of it, once it is complete. */
  join(): Uint8Array {
    return concatBytes(this.#pieces.filter(bytes => bytes !== undefined))
  }

  /** Discards all pieces. */
  clear(): void {
    this.#pieces.fill(undefined)
    this.#sources.fill(undefined)
    this.#askedAt.fill(Number.NEGATIVE_INFINITY)
    this.#missingCount = this.#pieces.length
  }
}
