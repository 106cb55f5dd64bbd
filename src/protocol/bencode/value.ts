// BEP 3: bencoded values, read in place: info hashes need the raw bytes, and BEP 52 has dictionaries with binary keys.

import { fromUtf8 } from '../../base/bytes.js'
import { COLON, DICTIONARY, INTEGER, isDigit, LIST, MINUS, ZERO } from './syntax.js'

export type BencodeType = 'integer' | 'string' | 'list' | 'dictionary'

/** The bytes of a document and, for each of its values in order, where it starts, ends, and what follows it. */
export interface ScannedDocument {
  readonly bytes: Uint8Array
  readonly starts: Int32Array
  readonly ends: Int32Array
  /** The index of the first value that is not inside this one. */
  readonly skips: Int32Array
  /** At most one of each type. */
  readonly oddities: readonly BencodeOddity[]
}

/**
 * `unsorted-keys`: a dictionary whose keys are out of order; `duplicate-key`: a key that is there twice, of which the
 * first counts; `leading-zero`: an integer or the length of a string with a leading zero, or a negative zero.
 */
export type BencodeOddityType = 'unsorted-keys' | 'duplicate-key' | 'leading-zero'

/** A deviation from BEP 3 that can be understood all the same. */
export interface BencodeOddity {
  readonly type: BencodeOddityType
  /** The offset of the first one in the document. */
  readonly offset: number
  /** The first one's key with the keys that lead to it, as in `info.name`; empty outside of a dictionary. */
  readonly key: string
  /** The number of such deviations. */
  readonly count: number
}

/**
 * One value of a scanned document, read in place: strings are views into the document's bytes. Reading a value
 * as another type gives undefined.
 *
 * **How strict readers are.** One rule holds for everything bencoded that comes from outside: .torrent files, metadata,
 * messages of peers, answers of trackers. A value that no hash covers and nothing depends on never fails a download or a
 * connection.
 *
 * 1. A value that is complete is read. Bytes behind it are ignored.
 * 2. An optional key whose value has the wrong type or is out of range counts as absent. So does an entry of a list, and
 *    a compact list that is cut in the middle of an entry is read up to there.
 * 3. A required key that is absent, has the wrong type or is out of range is an error that names the key.
 * 4. Of two descriptions of the same thing the one counts that other clients take (libtorrent first, as most clients are
 *    built on it); of a key that is there twice, the first.
 * 5. Where content depends on a value or a hash covers it (lengths, pieces, pieces roots, layers and the two halves of a
 *    hybrid), what contradicts itself is an error.
 * 6. Where a wrong value could be read two ways, the one counts that cannot do harm: a torrent is private unless its
 *    `private` clearly says that it is not.
 *
 * Where people read the result (a .torrent), each deviation is a warning (`Fields`, `Warnings`).
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

  /** The number of values in it, including itself and nested ones. */
  get valueCount(): number {
    return (this.#document.skips[this.#index] ?? 0) - this.#index
  }

  /** The bytes of the whole document. */
  get documentBytes(): Uint8Array {
    return this.#document.bytes
  }

  /** Of the root: how many bytes stand behind it. */
  get tailLength(): number {
    return this.#document.bytes.length - this.#end
  }

  /** The deviations in the whole document, at most one entry for each type. */
  get oddities(): readonly BencodeOddity[] {
    return this.#document.oddities
  }

  /** Undefined for another type, and for a number that is not exact in a JavaScript number. */
  get integer(): number | undefined {
    if (this.type !== 'integer') return undefined
    const { bytes } = this.#document
    const isNegative = bytes[this.#start + 1] === MINUS
    const end = this.#end - 1
    let number = 0
    for (let at = this.#start + (isNegative ? 2 : 1); at < end; at++) {
      number = number * 10 + ((bytes[at] ?? 0) - ZERO)
      if (number > Number.MAX_SAFE_INTEGER) return undefined
    }
    return isNegative && number > 0 ? -number : number
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
    return this.type === 'list' ? [...this.children()] : undefined
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
    for (const value of this.children()) {
      const colon = bytes.indexOf(COLON, keyStart)
      yield [bytes.subarray(colon + 1, value.#start), value]
      keyStart = value.#end
    }
  }

  /** As `pairs`, in the order of the keys as bytes; of equal ones, the first comes first. */
  *sortedPairs(): Generator<[key: Uint8Array, value: BencodeValue]> {
    const keys = this.#keys()
    for (const place of keys.sorted()) {
      yield [keys.at(place), new BencodeValue(this.#document, keys.children[place] ?? 0)]
    }
  }

  /**
   * The number of keys of a dictionary that repeat an earlier one, with the first of them and its offset; undefined if all differ.
   */
  get duplicateKeys():
    | { readonly count: number; readonly key: Uint8Array; readonly offset: number }
    | undefined {
    const keys = this.#keys()
    let count = 0
    let first = Number.POSITIVE_INFINITY
    let previous: number | undefined
    for (const place of keys.sorted()) {
      if (previous !== undefined && keys.compare(previous, place) === 0) {
        count++
        first = Math.min(first, place)
      }
      previous = place
    }
    if (count === 0) return undefined
    const before = first === 0 ? undefined : keys.children[first - 1]
    const offset = before === undefined ? this.#start + 1 : (this.#document.ends[before] ?? 0)
    return { count, key: keys.at(first), offset }
  }

  /** The number of items of a list, or of values of a dictionary. */
  get childCount(): number {
    const { skips } = this.#document
    const after = skips[this.#index] ?? 0
    let count = 0
    for (let child = this.#index + 1; child < after; child = skips[child] ?? after) count++
    return count
  }

  #keys(): Keys {
    const count = this.type === 'dictionary' ? this.childCount : 0
    const { bytes, starts, ends, skips } = this.#document
    const keys = new Keys(bytes, count)
    let child = this.#index + 1
    let keyStart = this.#start + 1
    for (let i = 0; i < count; i++) {
      keys.starts[i] = bytes.indexOf(COLON, keyStart) + 1
      keys.ends[i] = starts[child] ?? 0
      keys.children[i] = child
      keyStart = ends[child] ?? 0
      child = skips[child] ?? 0
    }
    return keys
  }

  /** The first value under an ASCII key; undefined where there is none, or where this is no dictionary. */
  get(key: string): BencodeValue | undefined {
    if (this.type !== 'dictionary') return undefined
    const { bytes, ends, skips } = this.#document
    // Compared as encoded: the length in front settles most keys at once, in dictionaries of any size.
    const encodedKey = `${key.length}:${key}`
    const after = skips[this.#index] ?? 0
    let keyStart = this.#start + 1
    for (let child = this.#index + 1; child < after; child = skips[child] ?? after) {
      // A length may have leading zeros.
      while (bytes[keyStart] === ZERO && isDigit(bytes[keyStart + 1])) keyStart++
      if (isAsciiAt(bytes, keyStart, encodedKey)) return new BencodeValue(this.#document, child)
      keyStart = ends[child] ?? 0
    }
    return undefined
  }

  /** The items of a list, or the values of a dictionary, one after the other. */
  *children(): Iterable<BencodeValue> {
    const { skips } = this.#document
    const after = skips[this.#index] ?? 0
    for (let child = this.#index + 1; child < after; child = skips[child] ?? after) {
      yield new BencodeValue(this.#document, child)
    }
  }

  get #start(): number {
    return this.#document.starts[this.#index] ?? 0
  }

  get #end(): number {
    return this.#document.ends[this.#index] ?? 0
  }
}

/** The keys of a dictionary, of which there may be a million, as numbers. */
class Keys {
  readonly starts: Uint32Array
  readonly ends: Uint32Array
  /** The index of the value under each. */
  readonly children: Uint32Array
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array, count: number) {
    this.#bytes = bytes
    this.starts = new Uint32Array(count)
    this.ends = new Uint32Array(count)
    this.children = new Uint32Array(count)
  }

  at(place: number): Uint8Array {
    return this.#bytes.subarray(this.starts[place], this.ends[place])
  }

  /** Order as bytes. */
  compare(a: number, b: number): number {
    const bytes = this.#bytes
    let atA = this.starts[a] ?? 0
    let atB = this.starts[b] ?? 0
    const endA = this.ends[a] ?? 0
    const endB = this.ends[b] ?? 0
    for (; atA < endA && atB < endB; atA++, atB++) {
      const difference = (bytes[atA] ?? 0) - (bytes[atB] ?? 0)
      if (difference !== 0) return difference
    }
    return endA - atA - (endB - atB)
  }

  /** The places of all keys, in order. */
  sorted(): Uint32Array {
    const places = Uint32Array.from(this.starts, (_, place) => place)
    return places.sort((a, b) => this.compare(a, b) || a - b)
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
