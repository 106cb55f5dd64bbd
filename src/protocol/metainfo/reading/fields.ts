import { textStart } from '../../../base/text-pieces.js'
import { printableKey } from '../../bencode/syntax.js'
import type { BencodeValue } from '../../bencode/value.js'
import { MAX_TEXT_BYTES } from '../metainfo.js'
import { MetainfoError, type MetainfoErrorCode } from '../metainfo-error.js'
import type { Warnings } from './warnings.js'

/** A type that the value under a key can have; `read` gives undefined for any other. */
interface Kind<Value> {
  /** As in `must be an integer`. */
  readonly what: string
  read(value: BencodeValue): Value | undefined
}

export const INTEGER: Kind<number> = { what: 'an integer', read: value => value.integer }
export const BYTES: Kind<Uint8Array> = { what: 'a string', read: value => value.string }
/** As UTF-8, at most `MAX_TEXT_BYTES` of it; bytes that are not become U+FFFD. */
export const TEXT: Kind<string> = { what: 'a string', read: value => textIn(value.string) }
/** A list, to be gone through with `children`. */
export const LIST: Kind<BencodeValue> = {
  what: 'a list',
  read: value => (value.type === 'list' ? value : undefined),
}
/** Names as they are there, each a view. */
export const RAW_NAMES: Kind<Uint8Array[]> = { what: 'a list of strings', read: rawNamesIn }

/**
 * A dictionary of a torrent that knows its place, so that messages can name it. Reads by the rule that
 * `BencodeValue` states: what is optional and wrong is passed over and noted, what is required and wrong is an error.
 */
export class Fields {
  readonly value: BencodeValue
  readonly #warnings: Warnings
  readonly #parent: Fields | undefined
  /** The step from the parent to here: a key, with the index in the list under it. Made readable only for a message. */
  readonly #step: string | Uint8Array
  readonly #place: number | undefined

  private constructor(
    value: BencodeValue,
    warnings: Warnings,
    parent: Fields | undefined,
    step: string | Uint8Array,
    place: number | undefined,
  ) {
    this.value = value
    this.#warnings = warnings
    this.#parent = parent
    this.#step = step
    this.#place = place
  }

  /** @throws {MetainfoError} where the value is no dictionary */
  static root(value: BencodeValue, warnings: Warnings, step = ''): Fields {
    return new Fields(value, warnings, undefined, step, undefined).#mustBeDictionary()
  }

  /**
   * The dictionary that the value under a key must be, or the one at a place in the list under it.
   * @throws {MetainfoError} where it is no dictionary
   */
  under(key: string | Uint8Array, value: BencodeValue, place?: number): Fields {
    return new Fields(value, this.#warnings, this, key, place).#mustBeDictionary()
  }

  /** Undefined where the key is absent or, with a note, where its value is not of this kind. */
  optional<Value>(key: string, kind: Kind<Value>): Value | undefined {
    const value = this.value.get(key)
    if (value === undefined) return undefined
    const read = kind.read(value)
    if (read === undefined) this.note(key, `ignored, ${this.#fault(value, kind)}`)
    return read
  }

  /** @throws {MetainfoError} where the key is absent or its value is not of this kind */
  required<Value>(key: string, kind: Kind<Value>): Value {
    const value = this.value.get(key) ?? this.missing(key)
    return kind.read(value) ?? this.fail(key, 'invalid-value', this.#fault(value, kind))
  }

  /** As `optional`, of a dictionary. */
  optionalDictionary(key: string): Fields | undefined {
    const value = this.value.get(key)
    if (value === undefined || value.type === 'dictionary') return value && this.under(key, value)
    this.note(key, 'ignored, must be a dictionary')
    return undefined
  }

  /** As `required`, of a dictionary. */
  requiredDictionary(key: string): Fields {
    return this.under(key, this.value.get(key) ?? this.missing(key))
  }

  has(key: string): boolean {
    return this.value.get(key) !== undefined
  }

  /** Something is passed over that people should hear about: the content, or the way to it, may lack something. */
  warn(key: string, what: string): void {
    this.#warnings.add(joinSteps(joinSteps(this.path, key), what, ': '))
  }

  /** Something is not as it should be, and nothing is lost by passing over it. */
  note(key: string, what: string): void {
    this.#warnings.addOddity(joinSteps(joinSteps(this.path, key), what, ': '))
  }

  missing(key: string): never {
    this.fail(key, 'missing-key', 'is missing')
  }

  fail(key: string, code: MetainfoErrorCode, what: string): never {
    throw MetainfoError.at(joinSteps(this.path, key), code, what)
  }

  /** The keys that lead here, as in `info.files[3]`. */
  get path(): string {
    const key = typeof this.#step === 'string' ? this.#step : printableKey(this.#step)
    const step = this.#place === undefined ? key : `${key}[${this.#place}]`
    return this.#parent === undefined ? step : joinSteps(this.#parent.path, step)
  }

  #fault(value: BencodeValue, kind: Kind<unknown>): string {
    return kind === INTEGER && value.type === 'integer' ? 'is out of range' : `must be ${kind.what}`
  }

  #mustBeDictionary(): this {
    if (this.value.type !== 'dictionary') {
      throw MetainfoError.at(this.path, 'invalid-value', 'must be a dictionary')
    }
    return this
  }
}

function rawNamesIn(value: BencodeValue): Uint8Array[] | undefined {
  if (value.type !== 'list') return undefined
  const names: Uint8Array[] = []
  for (const item of value.children()) {
    const name = item.string
    if (name === undefined) return undefined
    names.push(name)
  }
  return names
}

function joinSteps(path: string, step: string, joint = '.'): string {
  return path === '' || step === '' ? path + step : `${path}${joint}${step}`
}

function textIn(bytes: Uint8Array | undefined): string | undefined {
  return bytes && textStart(bytes, MAX_TEXT_BYTES)
}
