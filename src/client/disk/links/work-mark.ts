const STORAGE = 0
const BEGUN = 1

/** A worker is stuck in a request after this long. Usually a request takes some milliseconds. */
const STUCK_MS = 100

/** A worker's current request, in memory shared with the main thread: a worker that waits for a disk cannot send messages. */
export class WorkMark {
  readonly memory: SharedArrayBuffer
  readonly #marks: Int32Array
  #seen = 0
  #seenAt = 0

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(8)) {
    this.memory = memory
    this.#marks = new Int32Array(memory)
  }

  /** For the worker: it begins a request of a storage. */
  begin(storage: number): void {
    Atomics.store(this.#marks, STORAGE, storage)
    Atomics.add(this.#marks, BEGUN, 1)
  }

  /** For the worker: it has done what it was given. */
  end(): void {
    Atomics.store(this.#marks, STORAGE, 0)
  }

  /** For the main thread: the storage in whose request the worker is stuck, if it had the same request at an earlier call. */
  stuckWith(now: number): number | undefined {
    const begun = Atomics.load(this.#marks, BEGUN)
    const storage = Atomics.load(this.#marks, STORAGE)
    if (begun !== this.#seen) {
      this.#seen = begun
      this.#seenAt = now
    }
    return storage !== 0 && now - this.#seenAt > STUCK_MS ? storage : undefined
  }
}
