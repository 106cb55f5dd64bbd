/** Bytes of the content that lie in the parts file: those of one file in one piece. */
export interface PartExtent {
  /** Bytes from the beginning of the space of pieces. */
  readonly start: number
  readonly length: number
  /** Bytes from the beginning of the parts file. */
  readonly at: number
}

/** Numbers of an extent. */
const STRIDE = 3

/** Bytes of an extent as it is saved. */
const SAVED_LENGTH = STRIDE * 8

/**
 * Which bytes lie in the parts file of a torrent: pieces at the edge of a selected file hold bytes of a neighbour that is not
 * selected, which is not created for them. Extents are in order of `start` and do not overlap.
 */
export class PartExtents {
  static readonly NONE = new PartExtents(new Float64Array(0))

  /** The form that is sent in messages, for `new PartExtents`. */
  readonly packed: Float64Array

  constructor(packed: Float64Array) {
    this.packed = packed
  }

  static of(extents: readonly PartExtent[]): PartExtents {
    if (extents.length === 0) return PartExtents.NONE
    const packed = new Float64Array(extents.length * STRIDE)
    const sorted = [...extents].sort((a, b) => a.start - b.start)
    for (const [index, { start, length, at }] of sorted.entries())
      packed.set([start, length, at], index * STRIDE)
    return new PartExtents(packed)
  }

  /**
   * Reads what `encode` gave; undefined where it cannot be that of this torrent.
   * @param size bytes of the space of pieces
   */
  static decode(bytes: Uint8Array, size: number): PartExtents | undefined {
    if (bytes.length % SAVED_LENGTH !== 0) return undefined
    const packed = new Float64Array(bytes.length / 8)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let index = 0; index < packed.length; index++) packed[index] = view.getFloat64(index * 8, true)
    const extents = new PartExtents(packed)
    let end = 0
    for (const { start, length, at } of extents) {
      if (!Number.isSafeInteger(start) || !Number.isSafeInteger(length) || start < end || length < 1)
        return undefined
      if (!Number.isSafeInteger(at + length) || at < 0) return undefined
      end = start + length
    }
    return end <= size ? extents : undefined
  }

  /** Encodes them in little-endian order on any machine. */
  encode(): Uint8Array {
    const view = new DataView(new ArrayBuffer(this.packed.byteLength))
    for (const [index, number] of this.packed.entries()) view.setFloat64(index * 8, number, true)
    return new Uint8Array(view.buffer)
  }

  get count(): number {
    return this.packed.length / STRIDE
  }

  get isEmpty(): boolean {
    return this.packed.length === 0
  }

  equals(other: PartExtents): boolean {
    return this.count === other.count && this.packed.every((number, index) => number === other.packed[index])
  }

  /**
   * Where in the parts file a run of bytes lies; undefined where it does not lie there as a whole.
   * @param start from the beginning of the space of pieces
   */
  place(start: number, length: number): number | undefined {
    let low = 0
    let high = this.count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#number(middle, 0) <= start) low = middle + 1
      else high = middle
    }
    if (low === 0) return undefined
    const skipped = start - this.#number(low - 1, 0)
    return skipped + length <= this.#number(low - 1, 1) ? this.#number(low - 1, 2) + skipped : undefined
  }

  /** A part of them: `count` extents from `first` on. */
  slice(first: number, count: number): PartExtents {
    return new PartExtents(this.packed.slice(first * STRIDE, (first + count) * STRIDE))
  }

  *[Symbol.iterator](): Generator<PartExtent> {
    for (let index = 0; index < this.count; index++)
      yield { start: this.#number(index, 0), length: this.#number(index, 1), at: this.#number(index, 2) }
  }

  #number(index: number, column: number): number {
    return this.packed[index * STRIDE + column] ?? 0
  }
}

/** The parts file of a torrent. */
export interface PartsFile {
  /** Absolute; in the state folder, so that nothing is left lying beside the content. */
  readonly path: string
  readonly extents: PartExtents
}
