// BEP 3: bencoding, written.

import bencode from 'bencode'
import { compareBytes, toUtf8 } from '../../base/bytes.js'

/** What can be encoded. A `Map` may have raw bytes as keys; entries that are undefined are left out. */
export type BencodeInput =
  | number
  | string
  | Uint8Array
  | readonly BencodeInput[]
  | ReadonlyMap<string | Uint8Array, BencodeInput | undefined>
  | { readonly [key: string]: BencodeInput | undefined }
  | Encoded
  | Deferred

/** Bytes that are bencoded already and are put in as they stand. */
export class Encoded {
  readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }
}

/** A value that is made when it is written: of many, only one is ever in memory. */
export class Deferred {
  readonly make: () => BencodeInput

  constructor(make: () => BencodeInput) {
    this.make = make
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
    } else if (value instanceof Deferred) {
      this.write(value.make())
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
