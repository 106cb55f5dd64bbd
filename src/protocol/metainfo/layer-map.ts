import { fromHex, toHex } from '../../base/bytes.js'
import { HASH_LENGTH } from '../merkle.js'
import { NameIndex } from './reading/name-index.js'

/** The state of the layer under a root. */
const GIVEN = 0
const PROVEN = 1

/** Piece layers by hexadecimal root, as places in the bytes of the torrent: there may be half a million. Only proven ones show. */
export class LayerMap implements ReadonlyMap<string, Uint8Array> {
  size = 0
  #givenCount = 0
  readonly #bytes: Uint8Array
  readonly #index: NameIndex
  readonly #roots: Uint32Array
  readonly #starts: Uint32Array
  readonly #ends: Uint32Array
  readonly #states: Uint8Array

  /**
   * @param bytes of the torrent, in which all roots and layers lie
   * @param capacity of how many layers
   * @param key of the hashes of roots (`NameIndex`)
   */
  constructor(bytes: Uint8Array, capacity: number, key: Uint8Array) {
    this.#bytes = bytes
    this.#roots = new Uint32Array(capacity)
    this.#starts = new Uint32Array(capacity)
    this.#ends = new Uint32Array(capacity)
    this.#states = new Uint8Array(capacity)
    this.#index = new NameIndex({ placeOf: () => 0, nameOf: index => this.#rootAt(index) }, key)
  }

  /** The number of roots that have a layer, proven or not. */
  get givenCount(): number {
    return this.#givenCount
  }

  /** Takes a layer in, unless its root has one. */
  give(root: Uint8Array, layer: Uint8Array): void {
    if (this.#index.find(0, root) !== undefined) return
    const index = this.#givenCount++
    this.#roots[index] = root.byteOffset - this.#bytes.byteOffset
    this.#starts[index] = layer.byteOffset - this.#bytes.byteOffset
    this.#ends[index] = layer.byteOffset - this.#bytes.byteOffset + layer.length
    this.#index.put(index)
  }

  /** The layer under a root, with whether it is proven. */
  given(root: Uint8Array): { readonly layer: Uint8Array; readonly isProven: boolean } | undefined {
    const index = this.#index.find(0, root)
    if (index === undefined) return undefined
    return { layer: this.#layerAt(index), isProven: this.#states[index] === PROVEN }
  }

  prove(root: Uint8Array): void {
    const index = this.#index.find(0, root)
    if (index === undefined || this.#states[index] === PROVEN) return
    this.#states[index] = PROVEN
    this.size++
  }

  get(hexRoot: string): Uint8Array | undefined {
    const root = fromHex(hexRoot)
    const index = root && this.#index.find(0, root)
    return index === undefined || this.#states[index] === GIVEN ? undefined : this.#layerAt(index)
  }

  has(hexRoot: string): boolean {
    return this.get(hexRoot) !== undefined
  }

  forEach(call: (layer: Uint8Array, root: string, map: ReadonlyMap<string, Uint8Array>) => void): void {
    for (const [root, layer] of this) call(layer, root, this)
  }

  *entries(): Generator<[root: string, layer: Uint8Array], undefined, unknown> {
    for (let index = 0; index < this.#givenCount; index++) {
      if (this.#states[index] === PROVEN) yield [toHex(this.#rootAt(index)), this.#layerAt(index)]
    }
  }

  *keys(): Generator<string, undefined, unknown> {
    for (const [root] of this.entries()) yield root
  }

  *values(): Generator<Uint8Array, undefined, unknown> {
    for (const [, layer] of this.entries()) yield layer
  }

  [Symbol.iterator](): Generator<[root: string, layer: Uint8Array], undefined, unknown> {
    return this.entries()
  }

  #rootAt(index: number): Uint8Array {
    const start = this.#roots[index] ?? 0
    return this.#bytes.subarray(start, start + HASH_LENGTH)
  }

  #layerAt(index: number): Uint8Array {
    return this.#bytes.subarray(this.#starts[index], this.#ends[index])
  }
}
