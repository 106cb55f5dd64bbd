// The rules of file systems for names, as values: nothing here depends on the platform that it runs on.

import { toUtf8 } from '../../../base/bytes.js'
import type { Steps } from '../../../base/steps.js'
import { DistinctNames } from '../../../protocol/metainfo/reading/true-names.js'
import { foldedName, foldFor, type Merging } from './folding.js'
import { cutTo, fittedName, MAX_NAME_BYTES, RESERVED, safeName } from './safe-names.js'

/** The maximum length of a name. */
export interface NameLimit {
  /** Bytes of UTF-8, or units of UTF-16. */
  readonly unit: 'bytes' | 'utf16'
  readonly length: number
}

/** The rules for names. */
export interface NameRules {
  /** Devices, some characters, and dots and spaces at the end are not allowed. */
  readonly isWindows: boolean
  readonly limit: NameLimit
  readonly merging: Merging
}

/** The shortest limit known: eCryptfs, which encrypts names. Every file system takes names of this length. */
export const SHORTEST_LIMIT: NameLimit = { unit: 'bytes', length: 143 }
export const POSIX_LIMIT: NameLimit = { unit: 'bytes', length: 255 }
export const UTF16_LIMIT: NameLimit = { unit: 'utf16', length: 255 }

/** Some milliseconds of work. */
const NAMES_A_STEP = 1_024

/** Room that is left behind a name that is cut, for what tools append to it. */
const SPARE_BYTES = 15

/** The longest number in parentheses and extension. */
const NUMBER_BYTES = 28

const WINDOWS_FORBIDS =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
  /[<>:"|?*\\\0-\x1f]|[. ]$/

/** One of the things in a folder that are to have a name each. */
export interface NamedThing {
  readonly name: string
  readonly kind: 'file' | 'folder' | 'symlink'
}

export function fits(name: string, { unit, length }: NameLimit): boolean {
  if (name.length > length || unit === 'utf16') return name.length <= length
  // A character takes at most three bytes for each unit of its length.
  return name.length * 3 <= length || toUtf8(name).length <= length
}

/** True if Windows takes a name unchanged. */
export function isWindowsName(name: string): boolean {
  return !WINDOWS_FORBIDS.test(name) && !RESERVED.test(name)
}

/** True if a file system can hold a name, unless one that it merges with is already there. */
export function canHold(name: string, { isWindows, limit }: NameRules): boolean {
  return fits(name, limit) && !(isWindows && !isWindowsName(name))
}

/** Gives each thing in a folder a name that the file system can hold, and no two of them one that it takes for the same. */
export class NamePlacer {
  readonly #rules: NameRules
  readonly #names: DistinctNames

  /** @param taken names that are in use */
  constructor(rules: NameRules, taken: Iterable<string> = []) {
    this.#rules = rules
    this.#names = new DistinctNames({
      fold: foldFor(rules.merging),
      shorten: stem => cutTo(stem, cutLength(rules.limit) - NUMBER_BYTES),
    })
    for (const name of taken) this.#names.takeExactly(name)
  }

  /** Names that can stay as they are come first, then those that have to be changed. */
  *placeAll<Thing extends NamedThing>(things: readonly Thing[]): Steps<Map<Thing, string>> {
    const placed = new Map<Thing, string>()
    for (const [index, thing] of things.entries()) {
      const { name } = thing
      if (canHold(name, this.#rules) && this.#names.takeExactly(name)) placed.set(thing, name)
      if (index % NAMES_A_STEP === NAMES_A_STEP - 1) yield
    }
    for (const [index, thing] of things.entries()) {
      if (!placed.has(thing)) placed.set(thing, this.#changed(thing))
      if (index % NAMES_A_STEP === NAMES_A_STEP - 1) yield
    }
    return placed
  }

  #changed({ name, kind }: NamedThing): string {
    const { limit, isWindows } = this.#rules
    const change = isWindows ? safeName : fittedName
    const changed = canHold(name, this.#rules) ? name : change(name, cutLength(limit))
    return this.#names.take(changed, kind === 'folder' ? 'folder' : 'file')
  }
}

/** The names that earlier versions of this program gave, on every platform. */
export function* earlierNames<Thing extends NamedThing>(things: readonly Thing[]): Steps<Map<Thing, string>> {
  const names = new DistinctNames({
    fold: foldedName,
    shorten: stem => cutTo(stem, MAX_NAME_BYTES - NUMBER_BYTES),
  })
  const placed = new Map<Thing, string>()
  for (const [index, thing] of things.entries()) {
    placed.set(thing, names.take(safeName(thing.name), thing.kind === 'folder' ? 'folder' : 'file'))
    if (index % NAMES_A_STEP === NAMES_A_STEP - 1) yield
  }
  return placed
}

/** Bytes of a name that had to be cut. */
function cutLength({ unit, length }: NameLimit): number {
  return unit === 'bytes' ? Math.min(length - SPARE_BYTES, MAX_NAME_BYTES) : MAX_NAME_BYTES
}
