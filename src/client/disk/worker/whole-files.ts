import { createHash, type Hash, hash } from 'node:crypto'
import type { FileSlice } from '../../../protocol/metainfo/piece-map.js'
import type { StorageLayout } from '../layout.js'
import type { FileSha256 } from '../messages.js'

/** The flat SHA-256 of files that lie as a whole in a run of pieces, taken while the pieces are hashed. */
export class WholeFiles {
  readonly found: FileSha256[] = []
  readonly #entries: StorageLayout['entries']
  readonly #end: number
  #current: { readonly entryIndex: number; readonly sha256: Hash } | undefined

  /** `end` is where the run ends in the space of pieces. */
  constructor(entries: StorageLayout['entries'], end: number) {
    this.#entries = entries
    this.#end = end
  }

  /** The bytes of a slice, which come in order. */
  take({ entryIndex, fileOffset, length }: FileSlice, bytes: Uint8Array): void {
    const entry = this.#entries.at(entryIndex)
    if (entry === undefined) return
    if (length === entry.length) {
      this.#add(entryIndex, hash('sha256', bytes, 'buffer'))
      return
    }
    if (fileOffset === 0) {
      const isWhole = entry.offset + entry.length <= this.#end
      this.#current = isWhole ? { entryIndex, sha256: createHash('sha256') } : undefined
    }
    if (this.#current?.entryIndex !== entryIndex) return
    this.#current.sha256.update(bytes)
    if (fileOffset + length < entry.length) return
    this.#add(entryIndex, this.#current.sha256.digest())
    this.#current = undefined
  }

  /** A part of the file that was begun is not there. */
  drop(): void {
    this.#current = undefined
  }

  #add(entryIndex: number, sha256: Uint8Array): void {
    this.found.push({ entryIndex, sha256: new Uint8Array(sha256) })
  }
}
