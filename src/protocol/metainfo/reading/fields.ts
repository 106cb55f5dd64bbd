import { printableKey } from '../../bencode/syntax.js'
import type { BencodeValue } from '../../bencode/value.js'
import { MetainfoError, type MetainfoErrorCode } from '../metainfo-error.js'

/**
 * A dictionary of a torrent that knows where it stands, so that what is wrong in it is named by its keys. Reading
 * a key gives undefined where it is absent, and throws where its value has another type.
 */
export class Fields {
  readonly value: BencodeValue
  readonly #parent: Fields | undefined
  /** How the parent leads here: a key, with the place in the list under it. Made readable only for a message. */
  readonly #step: string | Uint8Array
  readonly #place: number | undefined

  private constructor(
    value: BencodeValue,
    parent: Fields | undefined,
    step: string | Uint8Array,
    place: number | undefined,
  ) {
    this.value = value
    this.#parent = parent
    this.#step = step
    this.#place = place
  }

  /** @throws {MetainfoError} where the value is no dictionary */
  static root(value: BencodeValue, step = ''): Fields {
    return new Fields(value, undefined, step, undefined).#mustBeDictionary()
  }

  /** The dictionary that the value under a key must be, or the one at a place in the list under it. */
  under(key: string | Uint8Array, value: BencodeValue, place?: number): Fields {
    return new Fields(value, this, key, place).#mustBeDictionary()
  }

  integer(key: string): number | undefined {
    const value = this.value.get(key)
    if (value === undefined) return undefined
    if (value.type !== 'integer') this.fail(key, 'invalid-value', 'must be an integer')
    return value.integer ?? this.fail(key, 'invalid-value', 'is out of range')
  }

  bytes(key: string): Uint8Array | undefined {
    const value = this.value.get(key)
    return value === undefined
      ? undefined
      : (value.string ?? this.fail(key, 'invalid-value', 'must be a string'))
  }

  /** As UTF-8; bytes that are not become U+FFFD. */
  text(key: string): string | undefined {
    const value = this.value.get(key)
    return value === undefined
      ? undefined
      : (value.text ?? this.fail(key, 'invalid-value', 'must be a string'))
  }

  list(key: string): BencodeValue[] | undefined {
    const value = this.value.get(key)
    return value === undefined
      ? undefined
      : (value.items ?? this.fail(key, 'invalid-value', 'must be a list'))
  }

  /** A list of strings, as UTF-8. */
  texts(key: string): string[] | undefined {
    return this.list(key)?.map(
      item => item.text ?? this.fail(key, 'invalid-value', 'must be a list of strings'),
    )
  }

  dictionary(key: string): Fields | undefined {
    const value = this.value.get(key)
    return value === undefined ? undefined : this.under(key, value)
  }

  has(key: string): boolean {
    return this.value.get(key) !== undefined
  }

  /** The value that was read, where it was there. */
  required<Value>(key: string, value: Value | undefined): Value {
    return value ?? this.fail(key, 'missing-key', 'is missing')
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

  #mustBeDictionary(): this {
    if (this.value.type !== 'dictionary') {
      throw MetainfoError.at(this.path, 'invalid-value', 'must be a dictionary')
    }
    return this
  }
}

function joinSteps(path: string, step: string): string {
  return path === '' || step === '' ? path + step : `${path}.${step}`
}
