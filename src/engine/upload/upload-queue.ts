/** A block that a peer asked us for. */
export interface UploadRequest {
  readonly piece: number
  /** Bytes within the piece. */
  readonly offset: number
  readonly length: number
}

/** A request that waits, and the one behind it. */
export interface WaitingRequest extends UploadRequest {
  readonly next: WaitingRequest | undefined
}

interface Entry extends WaitingRequest {
  next: Entry | undefined
  previous: Entry | undefined
}

/**
 * Requests kept for one peer, whatever their length: some 100 bytes of memory each. What comes beyond them is rejected. Announced
 * to peers as `reqq` (BEP 10).
 */
export const MAX_UPLOAD_REQUESTS = 2_000

/** Above the offset of any block in a piece (32 bits on the wire); times the number of a piece, below 2^21, it is exact, too. */
const MAX_OFFSET = 2 ** 32

/** The blocks that a peer waits for, in the order in which it asked. Everything but `removeUnless` takes constant time. */
export class UploadQueue {
  /** By where their blocks begin. */
  readonly #entries = new Map<number, Entry>()
  #first: Entry | undefined
  #last: Entry | undefined
  #lastPiece = -1
  #servedOfLast = 0

  get length(): number {
    return this.#entries.size
  }

  /** The request to be answered next. */
  get first(): WaitingRequest | undefined {
    return this.#first
  }

  /** The piece of the request that was served last, and how many requests for it were served in a row. */
  get begun(): { readonly piece: number; readonly served: number } | undefined {
    return this.#lastPiece < 0 ? undefined : { piece: this.#lastPiece, served: this.#servedOfLast }
  }

  /**
   * Puts a request behind all others. One that waits already is not put there again: its block is sent once.
   * @returns `refused` where the queue is full, or waits to send another number of bytes from the same place
   */
  push({ piece, offset, length }: UploadRequest): 'queued' | 'waits already' | 'refused' {
    const key = keyOf(piece, offset)
    const known = this.#entries.get(key)
    if (known !== undefined) return known.length === length ? 'waits already' : 'refused'
    if (this.#entries.size >= MAX_UPLOAD_REQUESTS) return 'refused'
    const entry: Entry = { piece, offset, length, next: undefined, previous: this.#last }
    if (this.#last === undefined) this.#first = entry
    else this.#last.next = entry
    this.#last = entry
    this.#entries.set(key, entry)
    return 'queued'
  }

  shift(): UploadRequest | undefined {
    const request = this.#first
    if (request === undefined) return undefined
    this.#remove(request)
    this.#servedOfLast = request.piece === this.#lastPiece ? this.#servedOfLast + 1 : 1
    this.#lastPiece = request.piece
    return request
  }

  /** Takes out the request for this very block; false where none waits. */
  remove(piece: number, offset: number, length: number): boolean {
    const entry = this.#entries.get(keyOf(piece, offset))
    if (entry?.length !== length) return false
    this.#remove(entry)
    return true
  }

  /** Takes out and returns all requests that `keep` refuses; it is asked once of each, in their order. */
  removeUnless(keep: (request: UploadRequest) => boolean): UploadRequest[] {
    const removed: UploadRequest[] = []
    for (let entry = this.#first; entry !== undefined; entry = entry.next) {
      if (keep(entry)) continue
      this.#remove(entry)
      removed.push(entry)
    }
    return removed
  }

  #remove(entry: Entry): void {
    const { previous, next } = entry
    if (previous === undefined) this.#first = next
    else previous.next = next
    if (next === undefined) this.#last = previous
    else next.previous = previous
    this.#entries.delete(keyOf(entry.piece, entry.offset))
  }
}

function keyOf(piece: number, offset: number): number {
  return piece * MAX_OFFSET + offset
}
