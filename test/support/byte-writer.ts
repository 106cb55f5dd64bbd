/** Puts together what is too large for a string, in memory taken once. */
export class ByteWriter {
  readonly #bytes: Buffer
  #length = 0

  constructor(capacity: number) {
    this.#bytes = Buffer.allocUnsafe(capacity)
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  /** As it is. */
  put(data: string | Uint8Array): this {
    if (typeof data === 'string') this.#length += this.#bytes.write(data, this.#length)
    else {
      this.#bytes.set(data, this.#length)
      this.#length += data.length
    }
    return this
  }

  /** As bencoding has a string. */
  string(text: string): this {
    return this.put(`${Buffer.byteLength(text)}:${text}`)
  }

  /** A bencoded string of `length` bytes that repeat a pattern. */
  filled(length: number, pattern: string): this {
    this.put(`${length}:`)
    this.#bytes.fill(pattern, this.#length, this.#length + length)
    this.#length += length
    return this
  }
}
