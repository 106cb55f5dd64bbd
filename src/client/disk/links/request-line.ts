import type { WorkerRequest } from '../messages.js'

/** The requests that wait for one worker: those of a storage in their order, and the storages in turns. */
export class RequestLine {
  readonly #waiting = new Map<number, WorkerRequest[]>()

  get isEmpty(): boolean {
    return this.#waiting.size === 0
  }

  push(request: WorkerRequest): void {
    const own = this.#waiting.get(request.storage)
    if (own === undefined) this.#waiting.set(request.storage, [request])
    else own.push(request)
  }

  /**
   * Takes out requests, as long as there is work left of `bytes`.
   * @param isSlow storages that wait until there is nothing of the others
   */
  take(
    bytes: number,
    workOf: (request: WorkerRequest) => number,
    isSlow: (storage: number) => boolean,
  ): WorkerRequest[] {
    const taken: WorkerRequest[] = []
    let left = bytes
    for (const mayBeSlow of [false, true]) {
      for (const [storage, requests] of this.#waiting) {
        if (left <= 0) return taken
        if (!mayBeSlow && isSlow(storage)) continue
        left -= this.#takeTurn(requests, taken, workOf)
        // Behind the others, where this loop comes to it again.
        this.#waiting.delete(storage)
        if (requests.length > 0) this.#waiting.set(storage, requests)
      }
    }
    return taken
  }

  /** One request that is work, and those before it that are none. Returns how much work it is. */
  #takeTurn(
    requests: WorkerRequest[],
    taken: WorkerRequest[],
    workOf: (request: WorkerRequest) => number,
  ): number {
    const at = requests.findIndex(request => workOf(request) > 0)
    const turn = requests.splice(0, at < 0 ? requests.length : at + 1)
    taken.push(...turn)
    const last = turn.at(-1)
    return last === undefined ? 0 : workOf(last)
  }
}
