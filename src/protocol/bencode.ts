// BEP 3: bencoding. A strict scanner with limits runs before anything is decoded, and values are read in place:
// info hashes need the raw bytes, and BEP 52 has dictionaries with binary keys.

import bencode from 'bencode'
import { compareBytes, fromUtf8, toHex, toUtf8 } from '../base/bytes.js'
import { CodedError } from '../base/errors.js'

export type BencodeErrorCode =
  | 'truncated'
  | 'malformed'
  | 'trailing-bytes'
  | 'too-large'
  | 'too-deep'
  | 'too-many-values'
  | 'duplicate-key'
  | 'integer-range'

export class BencodeError extends CodedError<BencodeErrorCode, { offset: number; key: string }> {}

export interface BencodeLimits {
  /** Size of the whole document in bytes. */
  readonly bytes: number
  readonly depth: number
  /** Integers, strings, lists and dictionaries together; the keys of dictionaries do not count. */
  readonly values: number
}

/** What a .torrent may hold. */
export const METAINFO_LIMITS: BencodeLimits = { bytes: 100 * 2 ** 20, depth: 64, values: 3_000_000 }

/** What a single message of a peer, a tracker or a node may hold. */
export const MESSAGE_LIMITS: BencodeLimits = { bytes: 2 ** 20, depth: 16, values: 20_000 }

export type BencodeType = 'integer' | 'string' | 'list' | 'dictionary'

const MINUS = 0x2d
const ZERO = 0x30
const NINE = 0x39
const COLON = 0x3a
const DICTIONARY = 0x64
const END = 0x65
const INTEGER = 0x69
const LIST = 0x6c
const MAX_INTEGER_DIGITS = 20

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

  /** The first place where a dictionary at or below this value has its keys out of order. */
  get unsortedKey(): { offset: number; key: string } | undefined {
    const found = this.#document.unsortedKey
    return found !== undefined && found.offset >= this.#start && found.offset < this.#end ? found : undefined
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
    if (this.type !== 'dictionary') return undefined
    const { bytes } = this.#document
    const entries: [Uint8Array, BencodeValue][] = []
    let keyStart = this.#start + 1
    for (const value of this.#children()) {
      const colon = bytes.indexOf(COLON, keyStart)
      entries.push([bytes.subarray(colon + 1, value.#start), value])
      keyStart = value.#end
    }
    return entries
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

/** The bytes of a document and, for each of its values in order, where it starts, ends, and what follows it. */
interface ScannedDocument {
  readonly bytes: Uint8Array
  readonly starts: Int32Array
  readonly ends: Int32Array
  /** The index of the first value that is not inside this one. */
  readonly skips: Int32Array
  readonly unsortedKey: { offset: number; key: string } | undefined
}

/**
 * Checks a whole document and gives its root (BEP 3). Keys out of order are let through and can be asked for;
 * everything else that the grammar forbids is refused.
 * @throws {BencodeError}
 */
export function scanBencode(bytes: Uint8Array, limits: BencodeLimits): BencodeValue {
  const { root, end } = scanBencodePrefix(bytes, limits)
  if (end !== bytes.length) {
    throw new BencodeError('trailing-bytes', `${bytes.length - end} bytes after the end of the data`, {
      offset: end,
      key: '',
    })
  }
  return root
}

/** As `scanBencode`, for a value that other bytes may follow (BEP 9 puts a piece of metadata behind one). */
export function scanBencodePrefix(
  bytes: Uint8Array,
  limits: BencodeLimits,
): { root: BencodeValue; end: number } {
  const scanner = new Scanner(bytes, limits)
  const end = scanner.scan()
  return { root: new BencodeValue(scanner.document(), 0), end }
}

interface OpenContainer {
  readonly index: number
  readonly isDictionary: boolean
  keyStart: number
  keyEnd: number
  /** Set once keys are out of order, when comparing with the one before no longer finds duplicates. */
  seenKeys: Set<string> | undefined
}

class Scanner {
  readonly #bytes: Uint8Array
  readonly #limits: BencodeLimits
  readonly #open: OpenContainer[] = []
  #starts: Int32Array<ArrayBuffer>
  #ends: Int32Array<ArrayBuffer>
  #skips: Int32Array<ArrayBuffer>
  #count = 0
  #at = 0
  #unsortedKey: { offset: number; key: string } | undefined

  constructor(bytes: Uint8Array, limits: BencodeLimits) {
    this.#bytes = bytes
    this.#limits = limits
    const capacity = Math.min(64, (bytes.length >>> 1) + 1)
    this.#starts = new Int32Array(capacity)
    this.#ends = new Int32Array(capacity)
    this.#skips = new Int32Array(capacity)
  }

  document(): ScannedDocument {
    return {
      bytes: this.#bytes,
      starts: this.#starts,
      ends: this.#ends,
      skips: this.#skips,
      unsortedKey: this.#unsortedKey,
    }
  }

  /** Scans one value and returns where it ends. */
  scan(): number {
    const { bytes } = this.#limits
    if (this.#bytes.length > bytes) this.#fail('too-large', `larger than ${bytes} bytes`)
    do {
      const container = this.#open.at(-1)
      if (container !== undefined && this.#bytes[this.#at] === END) {
        this.#at++
        this.#open.pop()
        this.#close(container.index)
      } else {
        if (container?.isDictionary) this.#scanKey(container)
        this.#scanValue()
      }
    } while (this.#open.length > 0)
    return this.#at
  }

  #scanValue(): void {
    const index = this.#begin()
    const first = this.#bytes[this.#at]
    switch (first) {
      case DICTIONARY:
      case LIST:
        if (this.#open.length >= this.#limits.depth) {
          this.#fail('too-deep', `nested deeper than ${this.#limits.depth}`)
        }
        this.#at++
        this.#open.push({
          index,
          isDictionary: first === DICTIONARY,
          keyStart: -1,
          keyEnd: -1,
          seenKeys: undefined,
        })
        return
      case INTEGER:
        this.#scanInteger()
        break
      default:
        this.#at = this.#scanString().end
    }
    this.#close(index)
  }

  #scanInteger(): void {
    const start = this.#at + 1
    const isNegative = this.#bytes[start] === MINUS
    const firstDigit = isNegative ? start + 1 : start
    let at = firstDigit
    while (isDigit(this.#bytes[at]) && at - firstDigit <= MAX_INTEGER_DIGITS) at++
    const digits = at - firstDigit
    if (at >= this.#bytes.length) this.#fail('truncated', 'an integer runs past the end')
    if (digits === 0 || this.#bytes[at] !== END) this.#fail('malformed', 'an integer is malformed')
    if (digits > MAX_INTEGER_DIGITS) this.#fail('integer-range', 'an integer has too many digits')
    const leadingZero = this.#bytes[firstDigit] === ZERO
    if (leadingZero && (digits > 1 || isNegative)) this.#fail('malformed', 'an integer has a leading zero')
    this.#at = at + 1
  }

  #scanKey(container: OpenContainer): void {
    if (!isDigit(this.#bytes[this.#at]) && this.#at < this.#bytes.length) {
      this.#fail('malformed', 'a dictionary key is not a string')
    }
    const at = this.#at
    const { start, end } = this.#scanString()
    this.#checkKeyOrder(container, start, end, at)
    container.keyStart = start
    container.keyEnd = end
    this.#at = end
  }

  #checkKeyOrder(container: OpenContainer, start: number, end: number, offset: number): void {
    const key = this.#bytes.subarray(start, end)
    if (container.seenKeys === undefined && container.keyStart >= 0) {
      const previous = this.#bytes.subarray(container.keyStart, container.keyEnd)
      const order = compareBytes(previous, key)
      if (order === 0) this.#fail('duplicate-key', `the key ${printableKey(key)} stands twice`)
      if (order > 0) {
        container.seenKeys = this.#keysSoFar(container)
        this.#unsortedKey ??= { offset, key: this.#path(printableKey(key)) }
      }
    }
    if (container.seenKeys !== undefined) {
      const text = latin1(key)
      if (container.seenKeys.has(text)) {
        this.#fail('duplicate-key', `the key ${printableKey(key)} stands twice`)
      }
      container.seenKeys.add(text)
    }
  }

  #keysSoFar(container: OpenContainer): Set<string> {
    const keys = new Set<string>()
    let keyStart = (this.#starts[container.index] ?? 0) + 1
    for (let child = container.index + 1; child < this.#count; child = this.#skips[child] ?? this.#count) {
      const colon = this.#bytes.indexOf(COLON, keyStart)
      keys.add(latin1(this.#bytes.subarray(colon + 1, this.#starts[child])))
      keyStart = this.#ends[child] ?? 0
    }
    return keys
  }

  /** Reads `<length>:`, checks that so many bytes follow, and returns where they are. */
  #scanString(): { start: number; end: number } {
    let at = this.#at
    let length = 0
    while (isDigit(this.#bytes[at]) && at - this.#at < 10) {
      length = length * 10 + (this.#bytes[at] ?? 0) - ZERO
      at++
    }
    if (at >= this.#bytes.length) this.#fail('truncated', 'the data ends too early')
    if (at === this.#at) this.#fail('malformed', `byte ${this.#at} begins no value`)
    if (this.#bytes[at] !== COLON) this.#fail('malformed', "a string's length is malformed")
    if (at - this.#at > 1 && this.#bytes[this.#at] === ZERO) {
      this.#fail('malformed', "a string's length has a leading zero")
    }
    const start = at + 1
    if (length > this.#bytes.length - start) {
      this.#fail('truncated', `a string of ${length} bytes runs past the end`)
    }
    return { start, end: start + length }
  }

  #begin(): number {
    if (this.#count >= this.#limits.values) {
      this.#fail('too-many-values', `more than ${this.#limits.values} values`)
    }
    if (this.#count === this.#starts.length) this.#grow()
    this.#starts[this.#count] = this.#at
    return this.#count++
  }

  #close(index: number): void {
    this.#ends[index] = this.#at
    this.#skips[index] = this.#count
  }

  #grow(): void {
    this.#starts = doubled(this.#starts)
    this.#ends = doubled(this.#ends)
    this.#skips = doubled(this.#skips)
  }

  /** The keys that lead to where the scan stands, for messages. */
  #path(last?: string): string {
    const keys: string[] = []
    for (const container of this.#open) {
      if (container.keyStart >= 0 && (last === undefined || container !== this.#open.at(-1))) {
        keys.push(printableKey(this.#bytes.subarray(container.keyStart, container.keyEnd)))
      }
    }
    if (last !== undefined) keys.push(last)
    return keys.join('.')
  }

  #fail(code: BencodeErrorCode, what: string): never {
    const key = this.#path()
    throw new BencodeError(code, key === '' ? what : `${key}: ${what}`, { offset: this.#at, key })
  }
}

/** What can be encoded. A `Map` may have raw bytes as keys; entries that are undefined are left out. */
export type BencodeInput =
  | number
  | string
  | Uint8Array
  | readonly BencodeInput[]
  | ReadonlyMap<string | Uint8Array, BencodeInput | undefined>
  | { readonly [key: string]: BencodeInput | undefined }
  | Encoded

/** Bytes that are bencoded already and are put in as they stand. */
export class Encoded {
  readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }
}

/** Encodes a value (BEP 3); the keys of dictionaries are sorted as raw bytes. */
export function encodeBencode(value: BencodeInput): Uint8Array {
  const writer = new Writer()
  writer.write(value)
  return writer.written()
}

class Writer {
  #bytes = new Uint8Array(1024)
  #at = 0

  written(): Uint8Array {
    return this.#bytes.slice(0, this.#at)
  }

  write(value: BencodeInput): void {
    if (typeof value === 'number') {
      if (!Number.isSafeInteger(value)) throw new RangeError(`not an exact integer: ${value}`)
      this.#put(bencode.encode(value))
    } else if (typeof value === 'string') {
      this.#writeText(value)
    } else if (value instanceof Uint8Array) {
      this.#writeString(value)
    } else if (value instanceof Encoded) {
      this.#put(value.bytes)
    } else if (isList(value)) {
      this.#putAscii('l')
      for (const item of value) this.write(item)
      this.#putAscii('e')
    } else {
      this.#writeDictionary(isMap(value) ? [...value] : Object.entries(value))
    }
  }

  #writeDictionary(entries: Pair[]): void {
    this.#putAscii('d')
    for (const [key, value] of sortedByKey(entries)) {
      if (value === undefined) continue
      this.write(key)
      this.write(value)
    }
    this.#putAscii('e')
  }

  #writeText(text: string): void {
    if (!isAscii(text)) {
      this.#writeString(toUtf8(text))
      return
    }
    this.#putAscii(`${text.length}:`)
    this.#putAscii(text)
  }

  #writeString(bytes: Uint8Array): void {
    this.#putAscii(`${bytes.length}:`)
    this.#put(bytes)
  }

  #putAscii(text: string): void {
    this.#makeRoom(text.length)
    for (let i = 0; i < text.length; i++) this.#bytes[this.#at++] = text.charCodeAt(i)
  }

  #put(bytes: Uint8Array): void {
    this.#makeRoom(bytes.length)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }

  #makeRoom(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#at + bytes))
    larger.set(this.#bytes)
    this.#bytes = larger
  }
}

type Pair = [key: string | Uint8Array, value: BencodeInput | undefined]

/** Puts the keys in the order of raw bytes; that of JavaScript's strings is the same only for ASCII. */
function sortedByKey(pairs: Pair[]): Pair[] {
  if (pairs.every(([key]) => typeof key === 'string' && isAscii(key))) {
    return pairs.sort(([a], [b]) => (a < b ? -1 : 1))
  }
  return pairs
    .map(([key, value]): [Uint8Array, Pair[1]] => [typeof key === 'string' ? toUtf8(key) : key, value])
    .sort(([a], [b]) => compareBytes(a, b))
}

function isAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are ASCII as well
  return /^[\x00-\x7f]*$/.test(text)
}

// `Array.isArray` and `instanceof Map` do not narrow readonly types.
function isList(value: object): value is readonly BencodeInput[] {
  return Array.isArray(value)
}

function isMap(value: object): value is ReadonlyMap<string | Uint8Array, BencodeInput | undefined> {
  return value instanceof Map
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE
}

function isAsciiAt(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false
  return true
}

/** A short run of ASCII as text, without a view of it; undefined for any other. */
function shortAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start > 32) return undefined
  let text = ''
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0x80
    if (byte >= 0x80) return undefined
    text += String.fromCharCode(byte)
  }
  return text
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2)
  larger.set(array)
  return larger
}

// One character a byte, so that keys which differ stay different.
const latin1Decoder = new TextDecoder('latin1')

function latin1(bytes: Uint8Array): string {
  return latin1Decoder.decode(bytes)
}

/** A key as it can be shown on one line: text where it is printable ASCII, else hexadecimal. */
export function printableKey(key: Uint8Array): string {
  const text = latin1(key.subarray(0, 64))
  return /^[\x20-\x7e]*$/.test(text) ? text : `0x${toHex(key.subarray(0, 32))}`
}
