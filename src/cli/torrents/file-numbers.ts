import type { EntryList } from '../../protocol/metainfo/metainfo.js'

/** The numbers of a torrent's files, from 0 in its order, as `--select` takes them; symlinks and pads have none. */
export class FileNumbers {
  readonly #entries: EntryList
  /** By entry index, as far as it was asked for. */
  readonly #numbers: Int32Array
  #counted = 0
  #next = 0

  constructor(entries: EntryList) {
    this.#entries = entries
    this.#numbers = new Int32Array(entries.length)
  }

  /** The number of an entry; undefined where it is not a file. */
  of(entryIndex: number): number | undefined {
    for (; this.#counted <= entryIndex; this.#counted++)
      this.#numbers[this.#counted] = this.#entries.at(this.#counted)?.type === 'file' ? this.#next++ : -1
    const number = this.#numbers[entryIndex] ?? -1
    return number < 0 ? undefined : number
  }
}
