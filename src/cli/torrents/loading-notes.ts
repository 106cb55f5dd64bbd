import { formatBytes } from '../values/units.js'
import { sourceName } from './source-error.js'

const FIRST_MS = 1_000
const AGAIN_MS = 10_000

/** Says after a second, and every 10 s from then on, that a source is still being loaded: silence looks like a hang. */
export class LoadingNotes implements Disposable {
  readonly #source: string
  readonly #note: (text: string) => void
  #timer: NodeJS.Timeout
  #received = 0

  constructor(source: string, note: (text: string) => void) {
    this.#source = source
    this.#note = note
    this.#timer = setTimeout(() => this.#tell(), FIRST_MS)
  }

  /** Records the number of bytes that have arrived. */
  received(bytes: number): void {
    this.#received = bytes
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }

  #tell(): void {
    const what = this.#received === 0 ? 'nothing has come yet' : `${formatBytes(this.#received)} so far`
    this.#note(`loading ${sourceName(this.#source)}: ${what}`)
    this.#timer = setTimeout(() => this.#tell(), AGAIN_MS)
  }
}
