import { sharedAbortController } from '../../base/shared-abort.js'
import { type LoadOptions, loadSource, type Source } from './load-source.js'
import { isWebAddress } from './source-error.js'

/** Sources that are loaded side by side; those that take longer than a second are not counted. */
const AT_A_TIME = 8
/** With those that take longer. */
const MOST_AT_A_TIME = 64
const SLOW_MS = 1_000

export interface LoadedSource {
  readonly source: string
  /** Settled; it rejects as `loadSource` does. */
  readonly loading: Promise<Source>
}

interface Loading extends LoadedSource {
  isSettled: boolean
  /** True if later sources need not wait for it. */
  isOvertaken: boolean
}

/**
 * Loads sources side by side and yields each once it is loaded or has failed. Files come in the order of `sources`; web
 * addresses, standard input, and files that take longer than a second do not delay the others. Leaving the loop ends the rest.
 */
export async function* loadSources(
  sources: readonly string[],
  options: LoadOptions = {},
): AsyncGenerator<LoadedSource> {
  const controller = sharedAbortController()
  const cancel = (): void => controller.abort(options.signal?.reason)
  options.signal?.addEventListener('abort', cancel)
  if (options.signal?.aborted) cancel()
  const bell = new Bell()
  const begun: Loading[] = []
  let next = 0
  try {
    while (next < sources.length || begun.length > 0) {
      while (next < sources.length && hasRoom(begun)) {
        begun.push(begin(sources[next++] ?? '', { ...options, signal: controller.signal }, bell))
      }
      const first = begun.find(loading => loading.isSettled || !loading.isOvertaken)
      if (first?.isSettled) {
        // A .torrent that was taken is not kept.
        begun.splice(begun.indexOf(first), 1)
        yield first
      } else {
        await bell.rung()
      }
    }
  } finally {
    options.signal?.removeEventListener('abort', cancel)
    controller.abort()
  }
}

function hasRoom(begun: readonly Loading[]): boolean {
  if (begun.length >= MOST_AT_A_TIME) return false
  return begun.filter(({ isSettled, isOvertaken }) => isSettled || !isOvertaken).length < AT_A_TIME
}

function begin(source: string, options: LoadOptions, bell: Bell): Loading {
  const loading: Loading = {
    source,
    loading: loadSource(source, options),
    isSettled: false,
    isOvertaken: isWebAddress(source) || source === '-',
  }
  const timer = setTimeout(() => {
    loading.isOvertaken = true
    bell.ring()
  }, SLOW_MS)
  const settled = (): void => {
    clearTimeout(timer)
    loading.isSettled = true
    bell.ring()
  }
  loading.loading.then(settled, settled)
  return loading
}

/** Wakes the caller that waits for it. If none waits, the next call returns at once. */
class Bell {
  #isRung = false
  #wake = (): void => {}

  ring(): void {
    this.#isRung = true
    this.#wake()
  }

  async rung(): Promise<void> {
    if (!this.#isRung) {
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
    this.#isRung = false
  }
}
