// BEP 3: an iterative scanner with limits, which looks at a document before anything in it is believed. It refuses only
// what cannot be understood or costs too much; what is merely not canonical is noted (`BencodeOddity`).

import { compareBytes } from '../../base/bytes.js'
import { inOneGo, type Steps } from '../../base/steps.js'
import { BencodeError, type BencodeErrorCode } from './bencode-error.js'
import type { BencodeLimits } from './limits.js'
import { COLON, DICTIONARY, END, INTEGER, isDigit, LIST, MINUS, printableKey, ZERO } from './syntax.js'
import { type BencodeOddity, type BencodeOddityType, BencodeValue, type ScannedDocument } from './value.js'

/** Values and ends of containers in one step: about a millisecond's work. */
const STEP_LENGTH = 10_000

/**
 * Checks the value at the beginning of `bytes` and everything in it, and returns it as the root (BEP 3). Bytes behind it
 * are not looked at (`BencodeValue.tailLength`). Keys out of order, duplicate keys and leading zeros are let through and
 * noted (`BencodeValue.oddities`).
 * @throws {BencodeError}
 */
export function scanBencode(bytes: Uint8Array, limits: BencodeLimits): BencodeValue {
  return inOneGo(scanBencodeInSteps(bytes, limits))
}

/** As `scanBencode`: a million values take a tenth of a second. */
export function* scanBencodeInSteps(bytes: Uint8Array, limits: BencodeLimits): Steps<BencodeValue> {
  const scanner = new Scanner(bytes, limits)
  yield* scanner.scan()
  return new BencodeValue(scanner.document(), 0)
}

interface OpenContainer {
  readonly index: number
  readonly isDictionary: boolean
  keyStart: number
  keyEnd: number
  /** True if keys are out of order, so that comparing with the one before does not find all duplicates. */
  isUnsorted: boolean
  /** The number of keys that repeat an earlier one. */
  duplicates: number
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
  /** At most one of each type. */
  readonly #oddities: { -readonly [Key in keyof BencodeOddity]: BencodeOddity[Key] }[] = []

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
      oddities: this.#oddities,
    }
  }

  /** Scans one value. */
  *scan(): Steps<void> {
    const { bytes } = this.#limits
    if (this.#bytes.length > bytes) this.#fail('too-large', `larger than ${bytes} bytes`)
    let steps = 0
    do {
      if (++steps % STEP_LENGTH === 0) yield
      const container = this.#open.at(-1)
      if (container !== undefined && this.#bytes[this.#at] === END) {
        this.#at++
        this.#close(container.index)
        if (container.isUnsorted) this.#noteDuplicates(container)
        this.#open.pop()
      } else {
        if (container?.isDictionary) this.#scanKey(container)
        this.#scanValue()
      }
    } while (this.#open.length > 0)
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
          isUnsorted: false,
          duplicates: 0,
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
    while (isDigit(this.#bytes[at])) at++
    const digits = at - firstDigit
    if (at >= this.#bytes.length) this.#fail('truncated', 'an integer runs past the end')
    if (digits === 0 || this.#bytes[at] !== END) this.#fail('malformed', 'an integer is malformed')
    const leadingZero = this.#bytes[firstDigit] === ZERO
    if (leadingZero && (digits > 1 || isNegative)) this.#note('leading-zero', start - 1)
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
    if (container.isUnsorted || container.keyStart < 0) return
    const previous = this.#bytes.subarray(container.keyStart, container.keyEnd)
    const order = compareBytes(previous, key)
    if (order === 0) {
      container.duplicates++
      this.#note('duplicate-key', offset, key)
    }
    if (order > 0) {
      container.isUnsorted = true
      this.#note('unsorted-keys', offset, key)
    }
  }

  /** Looks for the keys that stand twice in a dictionary which is out of order, at its end. */
  #noteDuplicates({ index, duplicates }: OpenContainer): void {
    const found = new BencodeValue(this.document(), index).duplicateKeys
    if (found === undefined) return
    for (let i = duplicates; i < found.count; i++) this.#note('duplicate-key', found.offset, found.key)
  }

  /** Reads `<length>:`, checks that this many bytes follow, and returns their range. */
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
    if (at - this.#at > 1 && this.#bytes[this.#at] === ZERO) this.#note('leading-zero', this.#at)
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

  /** @param key where the oddity is a key that has not become the current one yet */
  #note(type: BencodeOddityType, offset: number, key?: Uint8Array): void {
    const known = this.#oddities.find(oddity => oddity.type === type)
    if (known !== undefined) known.count++
    else this.#oddities.push({ type, offset, key: this.#path(key && printableKey(key)), count: 1 })
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

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2)
  larger.set(array)
  return larger
}
