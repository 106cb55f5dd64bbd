import type { EntryList } from '../../../protocol/metainfo/metainfo.js'
import { type FileRow, fileRows } from './file-rows.js'
import type { PickerKey } from './keys.js'

/** Trees with more rows begin with their folders closed. */
const MAX_OPEN_ROWS = 500

const MAX_FILTER = 200

export type Outcome = 'open' | 'picked' | 'cancelled' | 'suspended'

/** Of the files below a folder, or of a file. */
export type Mark = 'all' | 'some' | 'none'

export interface PickerTorrent {
  readonly name: string
  readonly entries: EntryList
}

/**
 * The state of the picker: which files are selected, which rows are shown, and where the cursor is. It takes keys, and `picker-frame.ts`
 * turns it into lines. A key costs one walk through all rows at most.
 */
export class PickerState {
  readonly rows: readonly FileRow[]
  /** Of the rows, those that are shown: not in a closed folder, and with a filter on the way to a file that matches. */
  visible: readonly number[] = []
  /** Index into `visible`. */
  cursor = 0
  /** Index into `visible` of the first row that is drawn. */
  top = 0
  filter = ''
  /** Enter was pressed with nothing selected. */
  isRefused = false
  /** By row: 1 for a file that is selected. */
  readonly #selected: Uint8Array
  /** By row: 1 for a folder that is closed. */
  readonly #closed: Uint8Array
  /** By row: 1 for a file that the filter lets through. */
  #matches: Uint8Array
  /** The number of selected files, and of files, in all rows before each row. The last element counts all rows. */
  readonly #selectedFiles: Uint32Array
  readonly #files: Uint32Array
  #selectedBytes = 0

  /** @param isSelected whether an entry is selected at first */
  constructor({ name, entries }: PickerTorrent, isSelected: (entryIndex: number) => boolean) {
    this.rows = fileRows(name, entries)
    const { length } = this.rows
    this.#selected = Uint8Array.from(this.rows, ({ entryIndex }) =>
      entryIndex !== undefined && isSelected(entryIndex) ? 1 : 0,
    )
    this.#closed = new Uint8Array(length)
    this.#matches = new Uint8Array(length).fill(1)
    this.#selectedFiles = new Uint32Array(length + 1)
    this.#files = new Uint32Array(length + 1)
    for (const [row, { entryIndex, depth }] of this.rows.entries()) {
      this.#files[row + 1] = (this.#files[row] ?? 0) + (entryIndex === undefined ? 0 : 1)
      if (length > MAX_OPEN_ROWS && entryIndex === undefined && depth > 0) this.#closed[row] = 1
    }
    this.#count()
    this.#show()
  }

  /** Indices of the entries that are selected, in ascending order. */
  get picked(): number[] {
    return this.rows
      .flatMap(({ entryIndex }, row) =>
        entryIndex !== undefined && this.#selected[row] === 1 ? [entryIndex] : [],
      )
      .sort((a, b) => a - b)
  }

  get fileCount(): number {
    return this.#files[this.rows.length] ?? 0
  }

  get selectedCount(): number {
    return this.#selectedFiles[this.rows.length] ?? 0
  }

  get selectedBytes(): number {
    return this.#selectedBytes
  }

  /** The number of files that the filter lets through. */
  get matchCount(): number {
    return this.rows.filter(({ entryIndex }, row) => entryIndex !== undefined && this.#matches[row] === 1)
      .length
  }

  markOf(row: number): Mark {
    const end = row + 1 + (this.rows[row]?.rowsBelow ?? 0)
    const selected = (this.#selectedFiles[end] ?? 0) - (this.#selectedFiles[row] ?? 0)
    if (selected === 0) return 'none'
    return selected === (this.#files[end] ?? 0) - (this.#files[row] ?? 0) ? 'all' : 'some'
  }

  /** With a filter all folders are open. */
  isClosed(row: number): boolean {
    return this.filter === '' && this.#closed[row] === 1
  }

  /** @param height the number of rows that are drawn, for keys that move by pages */
  press(key: PickerKey, height: number): Outcome {
    this.isRefused = false
    switch (key.type) {
      case 'up':
        this.#moveTo(this.cursor - 1)
        break
      case 'down':
        this.#moveTo(this.cursor + 1)
        break
      case 'page-up':
        this.#moveTo(this.cursor - height)
        break
      case 'page-down':
        this.#moveTo(this.cursor + height)
        break
      case 'home':
        this.#moveTo(0)
        break
      case 'end':
        this.#moveTo(this.visible.length - 1)
        break
      case 'left':
        this.#close()
        break
      case 'right':
        this.#setClosed(0)
        break
      case 'space':
        this.#toggle(this.visible[this.cursor])
        break
      case 'all':
        this.#toggle(0)
        break
      case 'backspace':
        this.#filterBy([...this.filter].slice(0, -1).join(''))
        break
      case 'text':
        if (key.text === 'a' && this.filter === '') this.#toggle(0)
        else if (key.text !== '/' || this.filter !== '') this.#filterBy(this.filter + key.text)
        break
      case 'escape':
        if (this.filter === '') return 'cancelled'
        this.#filterBy('')
        break
      case 'interrupt':
        return 'cancelled'
      case 'suspend':
        return 'suspended'
      case 'enter':
        if (this.selectedCount > 0) return 'picked'
        this.isRefused = true
    }
    return 'open'
  }

  /** Scrolls so that the row that is pointed at is among `height` rows. */
  scrollTo(height: number): void {
    const last = Math.max(0, this.visible.length - height)
    this.top = Math.min(last, Math.max(this.cursor - height + 1, Math.min(this.top, this.cursor)))
  }

  #moveTo(index: number): void {
    this.cursor = Math.max(0, Math.min(index, this.visible.length - 1))
  }

  /** Closes the folder under the cursor, or moves the cursor to the folder that contains its row. */
  #close(): void {
    const row = this.visible[this.cursor] ?? 0
    if (this.rows[row]?.entryIndex === undefined && !this.isClosed(row) && this.filter === '') {
      this.#setClosed(1)
      return
    }
    const depth = this.rows[row]?.depth ?? 0
    const parent = this.visible.findLastIndex(
      (other, index) => index < this.cursor && (this.rows[other]?.depth ?? 0) < depth,
    )
    if (parent >= 0) this.#moveTo(parent)
  }

  #setClosed(closed: 0 | 1): void {
    const row = this.visible[this.cursor] ?? 0
    if (this.rows[row]?.entryIndex !== undefined || this.filter !== '') return
    this.#closed[row] = closed
    this.#show()
  }

  /** Selects the files of a row that the filter lets through, or takes them all out where all of them are selected. */
  #toggle(row: number | undefined): void {
    if (row === undefined) return
    const end = row + 1 + (this.rows[row]?.rowsBelow ?? 0)
    const files: number[] = []
    for (let at = row; at < end; at++)
      if (this.rows[at]?.entryIndex !== undefined && this.#matches[at] === 1) files.push(at)
    const selected = files.every(file => this.#selected[file] === 1) ? 0 : 1
    for (const file of files) this.#selected[file] = selected
    this.#count()
  }

  #filterBy(text: string): void {
    if (text.length > MAX_FILTER) return
    const row = this.visible[this.cursor]
    this.filter = text
    this.#matches = this.#findMatches(text.toLowerCase())
    this.#show()
    // A filter leads to the first file that it lets through.
    const first = this.visible.findIndex(visible => this.rows[visible]?.entryIndex !== undefined)
    const same = row === undefined ? -1 : this.visible.indexOf(row)
    this.#moveTo(text === '' ? Math.max(0, same) : Math.max(0, first))
  }

  /** Files whose path, from the torrent's name on, holds a text. */
  #findMatches(text: string): Uint8Array {
    const matches = new Uint8Array(this.rows.length)
    const folders: string[] = []
    for (const [row, { depth, name, entryIndex }] of this.rows.entries()) {
      const path = (folders[depth - 1] ?? '') + name.toLowerCase()
      if (entryIndex === undefined) folders[depth] = path
      else if (path.includes(text)) matches[row] = 1
    }
    return matches
  }

  #show(): void {
    const visible: number[] = []
    const { length } = this.rows
    const matchesBefore = new Uint32Array(length + 1)
    for (let row = 0; row < length; row++)
      matchesBefore[row + 1] = (matchesBefore[row] ?? 0) + (this.#matches[row] ?? 0)
    for (let row = 0; row < length; row++) {
      const below = this.rows[row]?.rowsBelow ?? 0
      const hasMatch = (matchesBefore[row + 1 + below] ?? 0) > (matchesBefore[row] ?? 0)
      if (hasMatch || this.filter === '') visible.push(row)
      if (!hasMatch || this.isClosed(row)) row += below
    }
    this.visible = visible
    this.#moveTo(this.cursor)
  }

  #count(): void {
    this.#selectedBytes = 0
    for (const [row, { length }] of this.rows.entries()) {
      const selected = this.#selected[row] ?? 0
      this.#selectedFiles[row + 1] = (this.#selectedFiles[row] ?? 0) + selected
      this.#selectedBytes += selected * length
    }
  }
}
