import type { EntryColumns } from './entry-columns.js'
import type { NamedThings } from './name-index.js'

/** Nodes that got another name, with the one that the torrent has for them: as places in its bytes, since all may be among them. */
export class RenamedNodes implements NamedThings {
  #length = 0
  /** Of each: the node, and where its raw name begins and ends. */
  #words = new Uint32Array(48)
  readonly #columns: EntryColumns

  constructor(columns: EntryColumns) {
    this.#columns = columns
  }

  /** @param rawName a view into the bytes of the torrent */
  add(node: number, rawName: Uint8Array): number {
    const at = 3 * this.#length
    if (at === this.#words.length) {
      const larger = new Uint32Array(2 * at)
      larger.set(this.#words)
      this.#words = larger
    }
    const start = rawName.byteOffset - this.#columns.bytes.byteOffset
    this.#words[at] = node
    this.#words[at + 1] = start
    this.#words[at + 2] = start + rawName.length
    return this.#length++
  }

  nodeOf(renamed: number): number {
    return this.#words[3 * renamed] ?? 0
  }

  placeOf(renamed: number): number {
    return this.#columns.placeOf(this.nodeOf(renamed))
  }

  nameOf(renamed: number): Uint8Array {
    return this.#columns.bytes.subarray(this.#words[3 * renamed + 1], this.#words[3 * renamed + 2])
  }
}
