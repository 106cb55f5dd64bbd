// Shared by the readers of both versions.

import { printable } from '../../../base/printable.js'
import { cutForPeople } from '../../../base/text-pieces.js'
import { type Fields, RAW_NAMES, TEXT } from './fields.js'
import type { RawPath } from './raw-entry.js'
import { nameText } from './true-names.js'

/** Entries that are read in one step: some milliseconds' work. */
export const ENTRIES_A_STEP = 250

/** Over this the bookkeeping of pieces alone would be felt. */
export const MAX_PIECES = 2 ** 21

export const MAX_PATH_DEPTH = 100

const MAX_PATH_IN_WORDS = 200

/** Reads the letters of `attr` (BEP 47); unknown ones are ignored. */
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
export function readSymlinkTarget(fields: Fields): RawPath | undefined {
  const target = fields.optional('symlink path', RAW_NAMES)
  if (target !== undefined && target.length > 0 && target.length <= MAX_PATH_DEPTH) return target
  fields.warn('', 'a symlink without a usable target is left out')
  return undefined
}

/** A path for a message: one line, the beginning of a long path. */
export function pathInWords(path: RawPath): string {
  let text = ''
  for (const name of path) {
    if (text.length > MAX_PATH_IN_WORDS) break
    text += `${text === '' ? '' : '/'}${nameText(name)}`
  }
  return printable(cutForPeople(text, MAX_PATH_IN_WORDS))
}
