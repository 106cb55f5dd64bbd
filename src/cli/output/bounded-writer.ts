import { BoundedMap } from '../../base/bounded-map.js'

/** The part of a stream that is used here. */
export interface TextStream {
  /** Returns true if more can be written at once. */
  write(data: string | Uint8Array): boolean
  once(event: 'drain', listener: () => void): unknown
}

export interface BoundedWriterOptions {
  /** Called once, when the reader is given up. */
  onGivenUp(): void
  /** Milliseconds of any clock that goes forward. */
  now?(): number
}

/** Bytes that may wait for a reader that reads nothing. */
const MAX_QUEUED = 2 ** 20
/** A reader is given up after reading nothing for this long with more than that waiting. */
const PATIENCE_MS = 60_000
/** Bytes that may wait for a slow reader: the events of a torrent with many files are large. */
const MAX_BURST = 64 * 2 ** 20
/** Characters of a long line that are written before everything else has its turn. */
const MAX_A_TURN = 2 ** 20
/** Kinds of lines of which only the latest is kept. */
const MAX_KINDS = 1_000

/**
 * Writes to a stream whose reader may be slow or stop reading, with bounded memory. Only lines that a later one of their kind
 * replaces while they wait are lost, until the reader is given up: when it has read nothing for a minute and 1 MiB waits. If it
 * reads again after that, it gets what was waiting then, and nothing more.
 */
export class BoundedWriter {
  readonly #stream: TextStream
  readonly #onGivenUp: () => void
  readonly #now: () => number
  #queue: (string | Uint8Array | Iterator<string>)[] = []
  #queuedBytes = 0
  readonly #latest = new BoundedMap<string, string>(MAX_KINDS)
  #isFull = false
  /** When the reader last read, while the stream is full. */
  #readAt = 0
  #isGivenUp = false
  /** Called when something has left, or nothing will. */
  readonly #waiting = new Set<() => void>()

  constructor(stream: TextStream, { onGivenUp, now = () => performance.now() }: BoundedWriterOptions) {
    this.#stream = stream
    this.#onGivenUp = onGivenUp
    this.#now = now
  }

  /** Bytes that wait here, the text of lines that may be replaced not counted. */
  get queuedBytes(): number {
    return this.#queuedBytes
  }

  /**
   * Writes data that must not be lost.
   * @param kind write the latest waiting line of this kind before it
   */
  write(data: string | Uint8Array, kind?: string): void {
    if (this.#isGivenUp) return
    if (!this.#isFull) {
      this.#pass(data)
      return
    }
    const latest = kind === undefined ? undefined : this.#latest.get(kind)
    if (kind !== undefined && latest !== undefined) {
      this.#latest.delete(kind)
      this.#add(latest)
    }
    this.#add(data)
    const isStalled = this.#now() - this.#readAt >= PATIENCE_MS
    if (this.#queuedBytes > MAX_BURST || (isStalled && this.#queuedBytes > MAX_QUEUED)) this.#giveUp()
  }

  /**
   * As `write`, for long data: each piece is made when it can be written, so that the whole is never in memory. Data written
   * meanwhile comes after it.
   */
  writePieces(pieces: Iterable<string>, kind?: string): void {
    if (this.#isGivenUp) return
    const iterator = pieces[Symbol.iterator]()
    const first = iterator.next()
    const second = first.done ? first : iterator.next()
    if (!first.done) this.write(first.value, kind)
    if (second.done) return
    this.write(second.value)
    if (this.#isFull) this.#queue.push(iterator)
    else this.#passPieces(iterator)
  }

  /** Writes a line that the next one of its kind replaces, where it still waits then. */
  writeLatest(kind: string, line: string): void {
    if (this.#isGivenUp) return
    if (!this.#isFull) {
      this.#pass(line)
      return
    }
    this.#latest.set(kind, line)
  }

  /** Waits until the queue is short enough to begin something with long output, or `signal` is aborted. */
  async ready(signal: AbortSignal): Promise<void> {
    const wake = (): void => this.#wake()
    signal.addEventListener('abort', wake)
    while (this.#queuedBytes > MAX_QUEUED / 2 && !this.#isGivenUp && !signal.aborted) {
      await new Promise<void>(resolve => this.#waiting.add(resolve))
    }
    signal.removeEventListener('abort', wake)
  }

  /** The reader has gone: drops everything that waits. */
  close(): void {
    this.#isGivenUp = true
    this.#queue = []
    this.#queuedBytes = 0
    this.#latest.clear()
    this.#wake()
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }

  #add(data: string | Uint8Array): void {
    this.#queue.push(data)
    this.#queuedBytes += data.length
  }

  #pass(data: string | Uint8Array): void {
    if (this.#stream.write(data)) return
    this.#fill()
    this.#stream.once('drain', () => this.#flush())
  }

  #fill(): void {
    this.#isFull = true
    this.#readAt = this.#now()
  }

  /** Passes on pieces while there is room; those that are left wait before all else. */
  #passPieces(pieces: Iterator<string>): void {
    let passed = 0
    while (!this.#isFull) {
      if (passed > MAX_A_TURN) {
        this.#fill()
        setImmediate(() => this.#flush())
        break
      }
      const { value, done } = pieces.next()
      if (done) return
      passed += value.length
      this.#pass(value)
    }
    this.#queue.unshift(pieces)
  }

  #flush(): void {
    this.#isFull = false
    const queue = this.#queue
    this.#queue = []
    let next = 0
    for (; next < queue.length && !this.#isFull; next++) {
      const data = queue[next] ?? ''
      if (typeof data === 'object' && 'next' in data) {
        this.#passPieces(data)
        continue
      }
      this.#queuedBytes -= data.length
      this.#pass(data)
    }
    this.#queue = this.#queue.concat(queue.slice(next))
    for (const [kind, line] of this.#latest) {
      if (this.#isFull) break
      this.#latest.delete(kind)
      this.#pass(line)
    }
    this.#wake()
  }

  #giveUp(): void {
    this.#isGivenUp = true
    this.#latest.clear()
    this.#wake()
    this.#onGivenUp()
  }
}
