/**
 * Tells the work for a torrent to stop. The signal is made when something is to hear of it: thousands of torrents that rest
 * need none.
 */
export class Stopping {
  #controller: AbortController | undefined
  #isStopped = false

  get isStopped(): boolean {
    return this.#isStopped
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#isStopped) this.#controller.abort()
    }
    return this.#controller.signal
  }

  stop(): void {
    this.#isStopped = true
    this.#controller?.abort()
  }

  /** True if an error was thrown because of the stop. */
  isReason(thrown: unknown): boolean {
    return this.#isStopped && thrown === this.#controller?.signal.reason
  }

  /** Nothing hears the signal any more. */
  rest(): void {
    if (!this.#isStopped) this.#controller = undefined
  }
}
