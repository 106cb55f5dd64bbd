// A hash table from names to numbers. For a million names, a map of strings would take a hundred megabytes.

import { equalBytes } from '../../../base/bytes.js'

/** Things are numbers from 0 on; each has a place (which is a number, too) and a name there. */
export interface NamedThings {
  placeOf(thing: number): number
  /** As bytes. */
  nameOf(thing: number): Uint8Array
}

const FREE = -1

/**
 * Finds things by place and name. Names come from strangers, so they are hashed with a key (HalfSipHash-1-3): one that is not
 * known before all names are.
 */
export class NameIndex {
  readonly #things: NamedThings
  readonly #key0: number
  readonly #key1: number
  #slots = new Int32Array(16).fill(FREE)
  #hashes = new Int32Array(16)
  #count = 0

  /** @param key at least 8 bytes that depend on all names, such as an info hash */
  constructor(things: NamedThings, key: Uint8Array) {
    this.#things = things
    this.#key0 = wordAt(key, 0)
    this.#key1 = wordAt(key, 4)
  }

  get size(): number {
    return this.#count
  }

  find(place: number, name: Uint8Array): number | undefined {
    const thing = this.#slots[this.#slotOf(place, name, this.#hash(place, name))] ?? FREE
    return thing === FREE ? undefined : thing
  }

  /** Adds a thing under its place and name, instead of the one that may be there. */
  put(thing: number): void {
    const place = this.#things.placeOf(thing)
    const name = this.#things.nameOf(thing)
    const hash = this.#hash(place, name)
    const slot = this.#slotOf(place, name, hash)
    const isNew = this.#slots[slot] === FREE
    this.#slots[slot] = thing
    this.#hashes[slot] = hash
    if (isNew && ++this.#count * 4 > this.#slots.length * 3) this.#grow()
  }

  /** The slot of a name, or the empty one where it would go. */
  #slotOf(place: number, name: Uint8Array, hash: number): number {
    const mask = this.#slots.length - 1
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const thing = this.#slots[slot] ?? FREE
      if (thing === FREE) return slot
      if (this.#hashes[slot] !== hash || this.#things.placeOf(thing) !== place) continue
      if (equalBytes(this.#things.nameOf(thing), name)) return slot
    }
  }

  #grow(): void {
    const slots = this.#slots
    const hashes = this.#hashes
    this.#slots = new Int32Array(2 * slots.length).fill(FREE)
    this.#hashes = new Int32Array(2 * slots.length)
    const mask = this.#slots.length - 1
    for (let old = 0; old < slots.length; old++) {
      const thing = slots[old] ?? FREE
      if (thing === FREE) continue
      const hash = hashes[old] ?? 0
      let slot = hash & mask
      while (this.#slots[slot] !== FREE) slot = (slot + 1) & mask
      this.#slots[slot] = thing
      this.#hashes[slot] = hash
    }
  }

  #hash(place: number, name: Uint8Array): number {
    let v0 = this.#key0
    let v1 = this.#key1
    let v2 = 0x6c796765 ^ this.#key0
    let v3 = 0x74656462 ^ this.#key1
    const whole = name.length & ~3
    // The place first, then whole words, then what is left with the length.
    for (let at = -4; at <= whole; at += 4) {
      const word = at < 0 ? place : at < whole ? wordAt(name, at) : lastWord(name, whole)
      v3 ^= word
      v0 = (v0 + v1) | 0
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
      v0 = (v0 << 16) | (v0 >>> 16)
      v2 = (v2 + v3) | 0
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
      v0 = (v0 + v3) | 0
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
      v2 = (v2 + v1) | 0
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
      v2 = (v2 << 16) | (v2 >>> 16)
      v0 ^= word
    }
    v2 ^= 0xff
    for (let round = 0; round < 3; round++) {
      v0 = (v0 + v1) | 0
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
      v0 = (v0 << 16) | (v0 >>> 16)
      v2 = (v2 + v3) | 0
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
      v0 = (v0 + v3) | 0
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
      v2 = (v2 + v1) | 0
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
      v2 = (v2 << 16) | (v2 >>> 16)
    }
    return v1 ^ v3
  }
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)
  )
}

function lastWord(name: Uint8Array, whole: number): number {
  const rest = name.length - whole
  const word =
    (rest > 0 ? (name[whole] ?? 0) : 0) |
    (rest > 1 ? (name[whole + 1] ?? 0) << 8 : 0) |
    (rest > 2 ? (name[whole + 2] ?? 0) << 16 : 0)
  return word | (name.length << 24)
}
