// BEP 3: bencoded values, read in place: info hashes need the raw bytes, and BEP 52 has dictionaries with binary keys.

import bencode from 'bencode'
import { fromUtf8 } from '../../base/bytes.js'
import { COLON, DICTIONARY, INTEGER, LIST } from './syntax.js'

export type BencodeType = 'integer' | 'string' | 'list' | 'dictionary'

/** The bytes of a document and, for each of its values in order, where it starts, ends, and what follows it. */
export interface ScannedDocument {
  readonly bytes: Uint8Array
  readonly starts: Int32Array
  readonly ends: Int32Array
  /** The index of the first value that is not inside this one. */
  readonly skips: Int32Array
  readonly unsortedKey: UnsortedKey | undefined
}

export interface UnsortedKey {
  readonly offset: number
  /** With the keys that lead to it, as in `info.name`. */
  readonly key: string
}

/**
 * One value of a scanned document, read in place: strings are views into the document's bytes. Asking a value
 * for what it is not gives undefined, so that the caller says which key was wrong.
 */
export class BencodeValue {
  readonly #document: ScannedDocument
  readonly #index: number

  constructor(document: ScannedDocument, index: number) {
    this.#document = document
    this.#index = index
  }

  get type(): BencodeType {
    switch (this.#document.bytes[this.#start]) {
      case INTEGER:
        return 'integer'
      case LIST:
        return 'list'
      case DICTIONARY:
        return 'dictionary'
      default:
        return 'string'
    }
  }

  /** The value exactly as it was encoded. */
  get raw(): Uint8Array {
    return this.#document.bytes.subarray(this.#start, this.#end)
  }

  /** The first key of the whole document that stands out of order. */
  get unsortedKey(): UnsortedKey | undefined {
    return this.#document.unsortedKey
  }

  /** Undefined for another type, and for a number that is not exact in a JavaScript number. */
  get integer(): number | undefined {
    if (this.type !== 'integer') return undefined
    const number: unknown = bencode.decode(this.raw)
    return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined
  }

  get string(): Uint8Array | undefined {
    if (this.type !== 'string') return undefined
    const colon = this.#document.bytes.indexOf(COLON, this.#start)
    return this.#document.bytes.subarray(colon + 1, this.#end)
  }

  /** A string as UTF-8; bytes that are not become U+FFFD. */
  get text(): string | undefined {
    if (this.type !== 'string') return undefined
    const { bytes } = this.#document
    const start = bytes.indexOf(COLON, this.#start) + 1
    return shortAscii(bytes, start, this.#end) ?? fromUtf8(bytes.subarray(start, this.#end))
  }

  get items(): BencodeValue[] | undefined {
    return this.type === 'list' ? [...this.#children()] : undefined
  }

  /** Keys (raw bytes) and values of a dictionary, in the order of the document. */
  get entries(): [key: Uint8Array, value: BencodeValue][] | undefined {
    return this.type === 'dictionary' ? [...this.pairs()] : undefined
  }

  /** As `entries`, one after the other; none where this is no dictionary. */
  *pairs(): Generator<[key: Uint8Array, value: BencodeValue]> {
    if (this.type !== 'dictionary') return
    const { bytes } = this.#document
    let keyStart = this.#start + 1
    for (const value of this.#children()) {
      const colon = bytes.indexOf(COLON, keyStart)
      yield [bytes.subarray(colon + 1, value.#start), value]
      keyStart = value.#end
    }
  }

  /** The value under an ASCII key; undefined where there is none, or where this is no dictionary. */
  get(key: string): BencodeValue | undefined {
    if (this.type !== 'dictionary') return undefined
    const { bytes, ends, skips } = this.#document
    // Compared as encoded: the length in front settles most keys at once, in dictionaries of any size.
    const encodedKey = `${key.length}:${key}`
    const after = skips[this.#index] ?? 0
    let keyStart = this.#start + 1
    for (let child = this.#index + 1; child < after; child = skips[child] ?? after) {
      if (isAsciiAt(bytes, keyStart, encodedKey)) return new BencodeValue(this.#document, child)
      keyStart = ends[child] ?? 0
    }
    return undefined
  }

  get #start(): number {
    return this.#document.starts[this.#index] ?? 0
  }

  get #end(): number {
    return this.#document.ends[this.#index] ?? 0
  }

  *#children(): Iterable<BencodeValue> {
    const { skips } = this.#document
    const after = skips[this.#index] ?? 0
    for (let child = this.#index + 1; child < after; child = skips[child] ?? after) {
      yield new BencodeValue(this.#document, child)
    }
  }
}

function isAsciiAt(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false
  return true
}

/** A short run of ASCII as text; undefined for any other. */
function shortAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start > 32) return undefined
  for (let at = start; at < end; at++) if ((bytes[at] ?? 0x80) >= 0x80) return undefined
  // In one go: a text that grows is kept as a chain of its parts, which takes more memory than itself.
  return Reflect.apply(String.fromCharCode, undefined, bytes.subarray(start, end))
}
