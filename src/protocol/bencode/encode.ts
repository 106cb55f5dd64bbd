// BEP 3: bencoding, written.
//
// The library `bencode` writes the integers here, and tests compare whole documents with it. It does no more, because:
// - its `decode` never ends on `l-3:e`, overflows the stack on deep nesting, and has no limits: what comes from outside is
//   read by `scan.ts`, which keeps the exact bytes of each value, as info hashes need them;
// - its `encode` sorts keys as UTF-16, and copies each byte string once more, tens of megabytes where it is `pieces`.

import bencode from 'bencode'
import { compareBytes, toUtf8 } from '../../base/bytes.js'
import { inOneGo, type Steps } from '../../base/steps.js'

/** Values that can be encoded. A `Map` may have raw bytes as keys; entries that are undefined are left out. */
export type BencodeInput =
  | number
  | string
  | Uint8Array
  | readonly BencodeInput[]
  | ReadonlyMap<string | Uint8Array, BencodeInput | undefined>
  | { readonly [key: string]: BencodeInput | undefined }
  | Deferred
  | Encoded

/** A value that is bencoded already. */
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
  return inOneGo(encodeBencodeInSteps(value))
}

/** As `encodeBencode`: a list of 100,000 files takes a second. */
export function* encodeBencodeInSteps(value: BencodeInput): Steps<Uint8Array> {
  const writer = new Writer()
  yield* writer.writeInSteps(value)
  return writer.written()
}

/** Values written in one step: less than a millisecond's work. */
const VALUES_A_STEP = 500

/** Up to here what was written is copied, so that nothing keeps the room behind it. */
const COPIED_BYTES = 2 ** 20

class Writer {
  #bytes = new Uint8Array(1024)
  #at = 0
  #values = 0

  written(): Uint8Array {
    return this.#at <= COPIED_BYTES ? this.#bytes.slice(0, this.#at) : this.#bytes.subarray(0, this.#at)
  }

  *writeInSteps(value: BencodeInput): Steps<void> {
    if (value instanceof Deferred) {
      yield* this.writeInSteps(value.make())
    } else if (value instanceof Encoded) {
      this.#put(value.bytes)
    } else if (isContainer(value)) {
      yield* isList(value) ? this.#writeList(value) : this.#writeDictionary(value)
    } else {
      this.#write(value)
      if (++this.#values % VALUES_A_STEP === 0) yield
    }
  }

  #write(value: Scalar): void {
    if (typeof value === 'number') {
      if (!Number.isSafeInteger(value)) throw new RangeError(`not an exact integer: ${value}`)
      this.#put(bencode.encode(value))
    } else if (typeof value === 'string') {
      this.#writeText(value)
    } else {
      this.#writeString(value)
    }
  }

  *#writeList(list: readonly BencodeInput[]): Steps<void> {
    this.#putAscii('l')
    for (const item of list) yield* this.writeInSteps(item)
    this.#putAscii('e')
  }

  *#writeDictionary(dictionary: Exclude<Container, readonly BencodeInput[]>): Steps<void> {
    this.#putAscii('d')
    const pairs = isMap(dictionary) ? [...dictionary] : Object.entries(dictionary)
    for (const [key, value] of sortedByKey(pairs)) {
      if (value === undefined) continue
      this.#write(key)
      yield* this.writeInSteps(value)
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

type Scalar = number | string | Uint8Array
type Container = Exclude<BencodeInput, Scalar | Deferred | Encoded>

function isContainer(value: Scalar | Container): value is Container {
  return typeof value === 'object' && !(value instanceof Uint8Array)
}

// `Array.isArray` and `instanceof Map` do not narrow readonly types.
function isList(value: object): value is readonly BencodeInput[] {
  return Array.isArray(value)
}

function isMap(value: object): value is ReadonlyMap<string | Uint8Array, BencodeInput | undefined> {
  return value instanceof Map
}
