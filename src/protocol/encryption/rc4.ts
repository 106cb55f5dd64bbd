// RC4, the stream cipher of message stream encryption; OpenSSL 3 has it no longer. Not to be used where a secret must be kept.

/** Discarded from the beginning of a stream, since it reveals information on the key. */
const TELLTALE_BYTES = 1024

const IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

/** One direction of a connection: encrypting and decrypting are the same. */
export class Rc4 {
  readonly #state = new Uint8Array(256)
  #i = 0
  #j = 0

  /** @param key 1 to 256 bytes */
  constructor(key: Uint8Array) {
    const state = this.#state
    for (let i = 0; i < 256; i++) state[i] = i
    let j = 0
    for (let i = 0; i < 256; i++) {
      const old = state[i] ?? 0
      j = (j + old + (key[i % key.length] ?? 0)) & 255
      state[i] = state[j] ?? 0
      state[j] = old
    }
  }

  /** With the first 1,024 bytes of its stream thrown away. */
  static pastTelltale(key: Uint8Array): Rc4 {
    const cipher = new Rc4(key)
    cipher.apply(new Uint8Array(TELLTALE_BYTES))
    return cipher
  }

  /** Encrypts or decrypts the next bytes of the stream where they lie. */
  apply(bytes: Uint8Array): void {
    const before = IS_LITTLE_ENDIAN ? Math.min(bytes.length, -bytes.byteOffset & 3) : bytes.length
    const wordCount = (bytes.length - before) >>> 2
    this.#applyBytes(bytes, 0, before)
    if (wordCount > 0) {
      this.#applyWords(new Int32Array(bytes.buffer, bytes.byteOffset + before, wordCount))
    }
    this.#applyBytes(bytes, before + 4 * wordCount, bytes.length)
  }

  #applyBytes(bytes: Uint8Array, start: number, end: number): void {
    const state = this.#state
    let i = this.#i
    let j = this.#j
    for (let at = start; at < end; at++) {
      i = (i + 1) & 255
      const x = state[i] ?? 0
      j = (j + x) & 255
      const y = state[j] ?? 0
      state[i] = y
      state[j] = x
      bytes[at] = (bytes[at] ?? 0) ^ (state[(x + y) & 255] ?? 0)
    }
    this.#i = i
    this.#j = j
  }

  /** Four bytes with each access to memory: some 2.5 times as fast as one by one. */
  #applyWords(words: Int32Array): void {
    const state = this.#state
    let i = this.#i
    let j = this.#j
    let x = 0
    let y = 0
    let mask = 0
    for (let at = 0; at < words.length; at++) {
      i = (i + 1) & 255
      x = state[i] ?? 0
      j = (j + x) & 255
      y = state[j] ?? 0
      state[i] = y
      state[j] = x
      mask = state[(x + y) & 255] ?? 0

      i = (i + 1) & 255
      x = state[i] ?? 0
      j = (j + x) & 255
      y = state[j] ?? 0
      state[i] = y
      state[j] = x
      mask |= (state[(x + y) & 255] ?? 0) << 8

      i = (i + 1) & 255
      x = state[i] ?? 0
      j = (j + x) & 255
      y = state[j] ?? 0
      state[i] = y
      state[j] = x
      mask |= (state[(x + y) & 255] ?? 0) << 16

      i = (i + 1) & 255
      x = state[i] ?? 0
      j = (j + x) & 255
      y = state[j] ?? 0
      state[i] = y
      state[j] = x
      mask |= (state[(x + y) & 255] ?? 0) << 24

      words[at] = (words[at] ?? 0) ^ mask
    }
    this.#i = i
    this.#j = j
  }
}
