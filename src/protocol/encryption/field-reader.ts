import { equalBytes } from '../../base/bytes.js'
import { EncryptionError } from './encryption-error.js'

/** Bytes of padding that either side may send. */
export const MAX_PADDING = 512

const MAX_MARK = 20

type Expected =
  | { readonly type: 'length'; readonly length: number }
  | { readonly type: 'mark'; readonly mark: Uint8Array }

/** Gathers what comes, one field of a handshake at a time; keeps no more than the longest that is allowed. */
export class FieldReader {
  readonly #bytes = new Uint8Array(MAX_PADDING + MAX_MARK)
  #length = 0
  #expected: Expected

  /** @param length of the first field */
  constructor(length: number) {
    this.#expected = { type: 'length', length }
  }

  /** Sets the length of the next field, at most 532 bytes. */
  expect(length: number): void {
    this.#expected = { type: 'length', length }
    this.#length = 0
  }

  /** The next field is padding of unknown length and ends with a mark of at most 20 bytes. */
  expectMark(mark: Uint8Array): void {
    this.#expected = { type: 'mark', mark }
    this.#length = 0
  }

  /** The field, once it is whole; to be read before the next is expected. */
  get field(): Uint8Array | undefined {
    return this.#isWhole() ? this.#bytes.subarray(0, this.#length) : undefined
  }

  /**
   * Takes bytes from `at` on, up to the end of the field; returns where it stopped.
   * @throws {EncryptionError} `no-sync`
   */
  take(bytes: Uint8Array, at: number): number {
    let next = at
    while (next < bytes.length && !this.#isWhole()) {
      this.#bytes[this.#length++] = bytes[next++] ?? 0
      const { type } = this.#expected
      if (type === 'mark' && !this.#isWhole() && this.#length >= MAX_PADDING + this.#expected.mark.length)
        throw new EncryptionError('no-sync', 'sends more than padding', {})
    }
    return next
  }

  #isWhole(): boolean {
    if (this.#expected.type === 'length') return this.#length === this.#expected.length
    const { mark } = this.#expected
    const start = this.#length - mark.length
    return start >= 0 && equalBytes(this.#bytes.subarray(start, this.#length), mark)
  }
}
