// The raw paths of a torrent, each with a place of its own below the content's folder.

import { equalBytes, fromUtf8, toUtf8 } from '../../../base/bytes.js'
import { MAX_NAME_BYTES } from '../metainfo.js'
import { MetainfoError } from '../metainfo-error.js'
import { ROOT_FOLDER } from '../placed-entries.js'
import type { EntryColumns } from './entry-columns.js'
import { NameIndex } from './name-index.js'
import type { RawPath } from './raw-entry.js'
import { RenamedNodes } from './renamed-nodes.js'
import { harmlessName, nameText, numberedName } from './true-names.js'

/** Each costs some numbers here and, in the end, a folder on disk. */
const MAX_FOLDERS = 2 ** 19

const EMPTY = new Uint8Array(0)

/** Gives entries their places. Files are placed before symlinks. */
export class ContentTree {
  readonly #columns: EntryColumns
  /** Nodes by folder and name. */
  readonly #names: NameIndex
  /** Those that were renamed, by folder and raw name: of two with the same, a folder before a file, and the first of files. */
  readonly #renamedNames: NameIndex
  readonly #renamed: RenamedNodes
  /** The last number given behind a name, by the node that has the name, so that many equal names cost no more than others. */
  readonly #lastNumbers = new Map<number, number>()
  /** Folders from this number on hold nothing but symlinks, so that without those they would not be there. */
  #firstLinkFolder: number | undefined

  /** @param key of the hashes of names (`NameIndex`) */
  constructor(columns: EntryColumns, key: Uint8Array) {
    this.#columns = columns
    this.#names = new NameIndex(columns, key)
    this.#renamed = new RenamedNodes(columns)
    this.#renamedNames = new NameIndex(this.#renamed, key)
  }

  placeFile(index: number, rawPath: RawPath): void {
    const folder = this.#folderAt(rawPath, rawPath.length - 1)
    const rawName = rawPath.at(-1) ?? EMPTY
    const node = 2 * index
    const name = this.#freeName(folder, harmlessBytes(rawName), 'file')
    this.#columns.setName(index, folder, name)
    this.#names.put(node)
    if (name === rawName || this.#child(folder, rawName) !== undefined) return
    this.#keepRawName(node, rawName)
  }

  /** A symlink takes only a name that is free; false where it is taken. */
  placeLink(index: number, rawPath: RawPath): boolean {
    this.#firstLinkFolder ??= this.#columns.folderCount
    const folder = this.#folderAt(rawPath, rawPath.length - 1)
    const rawName = rawPath.at(-1) ?? EMPTY
    const name = harmlessBytes(rawName)
    if (this.#child(folder, rawName) !== undefined || this.#names.find(folder, name) !== undefined)
      return false
    this.#columns.setName(index, folder, name)
    this.#names.put(2 * index)
    if (name !== rawName) this.#keepRawName(2 * index, rawName)
    return true
  }

  /** The node that a raw path, with `..` in it, stands for; undefined where it leaves the torrent or finds nothing. */
  find(rawPath: RawPath): number | undefined {
    const names: Uint8Array[] = []
    for (const name of rawPath) {
      if (isText(name, '..')) {
        if (names.pop() === undefined) return undefined
      } else if (name.length > 0 && !isText(name, '.')) {
        names.push(name)
      }
    }
    let node = 2 * ROOT_FOLDER + 1
    for (const name of names) {
      const child = this.#columns.isFolder(node) ? this.#child(node >> 1, name) : undefined
      if (child === undefined) return undefined
      node = child
    }
    return this.#isThere(node) ? node : undefined
  }

  #isThere(node: number): boolean {
    if (!this.#columns.isFolder(node)) return true
    const folder = node >> 1
    return folder !== ROOT_FOLDER && folder < (this.#firstLinkFolder ?? this.#columns.folderCount)
  }

  /** The node that a raw name in a folder stands for. */
  #child(folder: number, rawName: Uint8Array): number | undefined {
    const renamed = this.#renamedNames.find(folder, rawName)
    if (renamed !== undefined) return this.#renamed.nodeOf(renamed)
    const node = this.#names.find(folder, rawName)
    return node === undefined || this.#columns.isRenamed(node) ? undefined : node
  }

  /** The folder that the first components of a raw path lead to, made where it is new. */
  #folderAt(rawPath: RawPath, depth: number): number {
    let folder = ROOT_FOLDER
    for (let i = 0; i < depth; i++) {
      const rawName = rawPath[i] ?? EMPTY
      const known = this.#child(folder, rawName)
      folder =
        known !== undefined && this.#columns.isFolder(known) ? known >> 1 : this.#makeFolder(folder, rawName)
    }
    return folder
  }

  #makeFolder(parent: number, rawName: Uint8Array): number {
    if (this.#columns.folderCount > MAX_FOLDERS) {
      throw MetainfoError.at('info', 'too-large', `has more than ${MAX_FOLDERS} folders`)
    }
    const name = this.#freeName(parent, harmlessBytes(rawName), 'folder')
    const folder = this.#columns.addFolder(parent, name)
    const node = 2 * folder + 1
    this.#names.put(node)
    // From now on the raw name stands for the folder, also where a file bears it too.
    if (name !== rawName) this.#keepRawName(node, rawName)
    return folder
  }

  #keepRawName(node: number, rawName: Uint8Array): void {
    this.#renamedNames.put(this.#renamed.add(node, rawName))
  }

  /** The name, or where it is taken a numbered one: `name (2).ext`, for a folder `name.ext (2)`. */
  #freeName(folder: number, name: Uint8Array, kind: 'file' | 'folder'): Uint8Array {
    const holder = this.#names.find(folder, name)
    if (holder === undefined) return name
    const text = fromUtf8(name)
    const key = 2 * holder + (kind === 'file' ? 0 : 1)
    for (let number = (this.#lastNumbers.get(key) ?? 1) + 1; ; number++) {
      const numbered = toUtf8(numberedName(text, number, kind))
      if (this.#names.find(folder, numbered) !== undefined) continue
      this.#lastNumbers.set(key, number)
      return numbered
    }
  }
}

/** The bytes of a harmless name; the same ones where they are one already, as most are. */
function harmlessBytes(rawName: Uint8Array): Uint8Array {
  if (isHarmlessAscii(rawName)) return rawName
  const name = toUtf8(harmlessName(nameText(rawName)))
  return equalBytes(name, rawName) ? rawName : name
}

const SLASH = 0x2f
const DOT = 0x2e

function isHarmlessAscii(name: Uint8Array): boolean {
  const { length } = name
  if (length === 0 || length > MAX_NAME_BYTES || (length <= 2 && name[0] === DOT)) return false
  for (let i = 0; i < length; i++) {
    const byte = name[i] ?? 0
    if (byte === 0 || byte === SLASH || byte >= 0x80) return false
  }
  return true
}

function isText(name: Uint8Array, text: string): boolean {
  return name.length === text.length && fromUtf8(name) === text
}
