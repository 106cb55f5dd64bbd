import type { BencodeValue } from '../../bencode/value.js'

/** Further warnings are only counted. */
const MAX_LINES = 100

/** Lines for people, up to a bound. */
class Lines {
  readonly #lines: string[] = []
  #left = 0

  add(line: string): void {
    if (this.#lines.length < MAX_LINES) this.#lines.push(line)
    else this.#left++
  }

  /** The lines so far, and if there were too many, one that says how many are not shown. */
  get all(): string[] {
    return this.#left === 0 ? [...this.#lines] : [...this.#lines, `${this.#left} more warnings`]
  }
}

/** Harmless oddities found while a torrent was read, one line each. */
export class Warnings {
  readonly #warnings = new Lines()
  readonly #oddities = new Lines()

  /** Something that the torrent seems to say is not used. */
  add(line: string): void {
    this.#warnings.add(line)
  }

  /** Something was not written as it should be, and nothing is lost by it. */
  addOddity(line: string): void {
    this.#oddities.add(line)
  }

  get lines(): string[] {
    return this.#warnings.all
  }

  get oddities(): string[] {
    return this.#oddities.all
  }
}

/** Notes what is not canonical in the encoding of a whole document. */
export function noteOddities(root: BencodeValue, warnings: Warnings): void {
  for (const { type, key, count } of root.oddities) {
    const where = key === '' ? '' : `${key}: `
    const more = count > 1 ? `, the first of ${count} such places` : ''
    switch (type) {
      case 'unsorted-keys':
        warnings.addOddity(`${where}stands out of order${more}`)
        break
      case 'duplicate-key':
        warnings.add(`${where}stands there more than once, the first counts${more}`)
        break
      case 'leading-zero':
        warnings.addOddity(`${where}a number has a leading zero${more}`)
    }
  }
  const tail = root.tailLength
  if (tail > 0) warnings.addOddity(`${tail === 1 ? '1 byte' : `${tail} bytes`} behind the end ignored`)
}
