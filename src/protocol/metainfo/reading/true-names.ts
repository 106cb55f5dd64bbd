// Names as the torrent has them. They are changed only where they could lead out of the folder or mean no name at all; what
// a platform or a file system cannot hold is for the client to change, where it writes.

import { equalBytes, toUtf8 } from '../../../base/bytes.js'
import { textStart } from '../../../base/text-pieces.js'
import { MAX_NAME_BYTES } from '../metainfo.js'

const REPLACEMENT = '\ufffd'

/**
 * The text of a name: what is not UTF-8 becomes `_`. A replacement character that the name itself has stays. Of a longer name it
 * is `MAX_NAME_BYTES`.
 */
export function nameText(bytes: Uint8Array): string {
  const text = textStart(bytes, MAX_NAME_BYTES)
  if (!text.includes(REPLACEMENT) || equalBytes(toUtf8(text), bytes)) return text
  return text.replaceAll(REPLACEMENT, '_')
}

/** A name that is one component of a path and nothing else: no slash, no NUL, not empty, not `.` or `..`. */
export function harmlessName(name: string): string {
  if (name === '' || name === '.' || name === '..') return '_'
  return name.includes('/') || name.includes('\0') ? name.replaceAll(/[/\0]/g, '_') : name
}

export interface NameComparison {
  /** Equal for names that count as one. */
  readonly fold: (name: string) => string
  /** Makes room in a stem for a number. */
  readonly shorten: (stem: string) => string
}

const EXACT: NameComparison = { fold: name => name, shorten: stem => stem }

/** The names in one folder, each of them once. */
export class DistinctNames {
  readonly #comparison: NameComparison
  readonly #taken = new Set<string>()
  /** The last number given behind a stem, so that many equal names cost no more than others. */
  #lastNumbers: Map<string, number> | undefined

  constructor(comparison: NameComparison = EXACT) {
    this.#comparison = comparison
  }

  /** Takes a name, or where it is taken a numbered one: `name (2).ext`, for a folder `name.ext (2)`. */
  take(name: string, kind: 'file' | 'folder'): string {
    if (this.takeExactly(name)) return name
    const { fold, shorten } = this.#comparison
    const [stem, extension] = stemOf(name, kind)
    const shortStem = shorten(stem)
    const key = fold(`${shortStem}/${extension}`)
    this.#lastNumbers ??= new Map()
    for (let number = (this.#lastNumbers.get(key) ?? 1) + 1; ; number++) {
      const numbered = `${shortStem} (${number})${extension}`
      if (!this.takeExactly(numbered)) continue
      this.#lastNumbers.set(key, number)
      return numbered
    }
  }

  /** Takes a name unless it, or one that counts as the same, is taken. */
  takeExactly(name: string): boolean {
    const folded = this.#comparison.fold(name)
    if (this.#taken.has(folded)) return false
    this.#taken.add(folded)
    return true
  }
}

/** `name (2).ext`, for a folder `name.ext (2)`. */
export function numberedName(name: string, number: number, kind: 'file' | 'folder'): string {
  const [stem, extension] = stemOf(name, kind)
  return `${stem} (${number})${extension}`
}

function stemOf(name: string, kind: 'file' | 'folder'): [stem: string, extension: string] {
  return kind === 'file' ? splitExtension(name) : [name, '']
}

const MAX_EXTENSION_BYTES = 16

/** An extension is what follows the last dot, when it is short, has no space, and is not the whole name. */
export function splitExtension(name: string): [stem: string, extension: string] {
  const dot = name.lastIndexOf('.')
  const extension = name.slice(dot)
  const isExtension = dot > 0 && !extension.includes(' ') && toUtf8(extension).length <= MAX_EXTENSION_BYTES
  return isExtension ? [name.slice(0, dot), extension] : [name, '']
}
