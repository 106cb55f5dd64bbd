// What both versions' readers make of a torrent's list of files, before each entry has a path of its own.

import { printable } from '../../../base/printable.js'
import type { EntryTableBuilder } from '../entry-table-builder.js'
import { type Fields, NAMES, TEXT } from './fields.js'

/** A torrent's entries, their paths and targets as they came, and the space of pieces that they take. */
export interface Listing {
  readonly entries: EntryTableBuilder
  readonly pieceCount: number
  /** False where the content is one file that has the name of the torrent. */
  readonly isFolder: boolean
}

/** Entries that are read in one step: some milliseconds' work. */
export const ENTRIES_A_STEP = 1_000

/** Over this the bookkeeping of pieces alone would be felt. */
export const MAX_PIECES = 2 ** 21

export const MAX_PATH_DEPTH = 100

const MAX_PATH_IN_WORDS = 200

/** What the letters of `attr` say (BEP 47); others are ignored. */
export function readAttributes(fields: Fields): {
  isPad: boolean
  isSymlink: boolean
  isExecutable: boolean
} {
  const attr = fields.optional('attr', TEXT) ?? ''
  return { isPad: attr.includes('p'), isSymlink: attr.includes('l'), isExecutable: attr.includes('x') }
}

/** The flat SHA-256 of a whole file; a value that is none is nothing that a download should fail for. */
export function readSha256(fields: Fields): Uint8Array | undefined {
  const value = fields.value.get('sha256')
  if (value === undefined) return undefined
  if (value.string?.length === 32) return value.string
  fields.warn('sha256', 'ignored, is not 32 bytes')
  return undefined
}

/** The target of a symlink; undefined, with a warning, where there is none to speak of. */
export function readSymlinkTarget(fields: Fields): string[] | undefined {
  const target = fields.optional('symlink path', NAMES)
  if (target !== undefined && target.length > 0 && target.length <= MAX_PATH_DEPTH) return target
  fields.warn('', 'a symlink without a usable target is left out')
  return undefined
}

/** A path for a message: one line, the beginning of a long path. */
export function pathInWords(path: readonly string[]): string {
  const text = path.join('/')
  const shown = text.length <= MAX_PATH_IN_WORDS ? text : `${text.slice(0, MAX_PATH_IN_WORDS)}…`
  return printable(shown)
}
