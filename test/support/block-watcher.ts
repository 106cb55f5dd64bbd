// BEP 3: what a seeder says, read just far enough to see each block as its last byte passes.

const HANDSHAKE_LENGTH = 68
const PIECE = 7
/** Length, id, index, begin. */
const PIECE_HEADER_LENGTH = 13

export interface SeenBlock {
  readonly piece: number
  readonly offset: number
  readonly length: number
}

export interface BlockWatcherOptions {
  readonly corrupts: boolean
  readonly onBlock?: (block: SeenBlock) => void
}

/** Reads one direction of one connection, and flips a bit of each block if it is to. */
export class BlockWatcher {
  readonly #options: BlockWatcherOptions
  readonly #header = Buffer.alloc(PIECE_HEADER_LENGTH)
  #headerLength = 0
  /** Bytes of the handshake or of the message that have yet to pass. */
  #left = HANDSHAKE_LENGTH
  #block: SeenBlock | undefined
  #isSpoilt = false

  constructor(options: BlockWatcherOptions) {
    this.#options = options
  }

  /** Sees the next bytes; changes them in place where it corrupts. */
  pass(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#left > 0) {
        const count = Math.min(this.#left, chunk.length - at)
        if (this.#block !== undefined && this.#options.corrupts && !this.#isSpoilt) {
          chunk.writeUInt8(chunk.readUInt8(at) ^ 1, at)
          this.#isSpoilt = true
        }
        at += count
        this.#left -= count
        if (this.#left === 0) this.#endMessage()
      } else {
        this.#header[this.#headerLength++] = chunk[at++] ?? 0
        this.#readHeader()
      }
    }
  }

  #readHeader(): void {
    if (this.#headerLength < 4) return
    const length = this.#header.readUInt32BE(0)
    if (length === 0) {
      this.#headerLength = 0
    } else if (this.#headerLength > 4 && this.#header[4] !== PIECE) {
      this.#left = length - 1
      if (this.#left === 0) this.#endMessage()
    } else if (this.#headerLength === PIECE_HEADER_LENGTH) {
      this.#left = length - 9
      this.#block = {
        piece: this.#header.readUInt32BE(5),
        offset: this.#header.readUInt32BE(9),
        length: length - 9,
      }
    }
  }

  #endMessage(): void {
    if (this.#block !== undefined) this.#options.onBlock?.(this.#block)
    this.#headerLength = 0
    this.#block = undefined
    this.#isSpoilt = false
  }
}
