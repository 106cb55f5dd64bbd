/** A block that a peer asked us for. */
export interface UploadRequest {
  readonly piece: number
  /** Bytes within the piece. */
  readonly offset: number
  readonly length: number
}

/** Requests kept for one peer; what comes beyond them is rejected. Announced to it as `reqq` (BEP 10). */
export const MAX_UPLOAD_REQUESTS = 2_000

/** The blocks that a peer waits for, in the order in which it asked. */
export class UploadQueue {
  #requests: UploadRequest[] = []
  /** Requests before it were served; they are cut off now and then rather than shifted out one by one. */
  #head = 0
  #lastPiece = -1
  #servedOfLast = 0

  get length(): number {
    return this.#requests.length - this.#head
  }

  /** The piece of the request that was served last, and how many requests for it were served in a row. */
  get begun(): { readonly piece: number; readonly served: number } | undefined {
    return this.#lastPiece < 0 ? undefined : { piece: this.#lastPiece, served: this.#servedOfLast }
  }

  /** False where the queue is full. */
  push(request: UploadRequest): boolean {
    if (this.length >= MAX_UPLOAD_REQUESTS) return false
    this.#requests.push(request)
    return true
  }

  /** The request at a distance from the front, without taking it. */
  peek(distance = 0): UploadRequest | undefined {
    return this.#requests[this.#head + distance]
  }

  shift(): UploadRequest | undefined {
    const request = this.#requests[this.#head]
    if (request === undefined) return undefined
    this.#head++
    this.#servedOfLast = request.piece === this.#lastPiece ? this.#servedOfLast + 1 : 1
    this.#lastPiece = request.piece
    if (this.#head === this.#requests.length) this.clear()
    else if (this.#head >= 512) {
      this.#requests = this.#requests.slice(this.#head)
      this.#head = 0
    }
    return request
  }

  /** Takes out the first request for this very block; false where none waits. */
  remove(piece: number, offset: number, length: number): boolean {
    for (let i = this.#head; i < this.#requests.length; i++) {
      const request = this.#requests[i]
      if (request?.piece === piece && request.offset === offset && request.length === length) {
        this.#requests.splice(i, 1)
        return true
      }
    }
    return false
  }

  /** Takes out and returns all requests that `keep` refuses; it is asked once of each, in their order. */
  removeUnless(keep: (request: UploadRequest) => boolean): UploadRequest[] {
    const kept: UploadRequest[] = []
    const removed: UploadRequest[] = []
    for (const request of this.#requests.slice(this.#head)) (keep(request) ? kept : removed).push(request)
    this.#requests = kept
    this.#head = 0
    return removed
  }

  clear(): void {
    this.#requests = []
    this.#head = 0
  }
}
