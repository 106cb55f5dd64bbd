import type { Flow } from '../limits/flow.js'
import type { Flows, TorrentLimits } from '../limits/rate-limits.js'

/** Bytes that may wait in a socket before its peer's own messages are no longer read: it must take what it asked for. */
const MAX_WAITING_BYTES = 4 * 2 ** 20

interface ReadSocket {
  readonly waitingBytes: number
  /** Bytes to be read in one go. */
  readLength: number
  pause(): void
  resume(): void
}

/**
 * Whether a connection's socket is read: not while a block has no room, while its peer does not take what it asked for, or
 * while what may come is used up. What is not read the system keeps, and then TCP tells the peer to wait.
 */
export class Reading {
  /** What may come; absent where nothing limits it. */
  #flow: Flow | undefined
  readonly #socket: ReadSocket
  readonly #decoder: { readonly isWaiting: boolean }
  #isPaused = false

  constructor(socket: ReadSocket, decoder: { readonly isWaiting: boolean }) {
    this.#socket = socket
    this.#decoder = decoder
  }

  /** From now on what comes is limited, and so is what leaves: `mayWrite` is called when it is its turn. */
  openFlows(limits: TorrentLimits, mayWrite: () => void): Flows {
    const flows = limits.openFlows({ down: () => this.update(), up: mayWrite })
    this.#flow = flows.down
    return flows
  }

  /** Bytes have come. */
  count(bytes: number): void {
    const flow = this.#flow
    if (flow === undefined) return
    if (flow.isLimited) flow.spendUnasked(bytes)
    this.#socket.readLength = flow.portion
  }

  /** It is us who keep the peer from being heard. */
  get isHeldUp(): boolean {
    return this.#decoder.isWaiting || this.#flow?.isWaiting === true
  }

  update(): void {
    const mustPause = this.isHeldUp || this.#socket.waitingBytes > MAX_WAITING_BYTES
    if (mustPause === this.#isPaused) return
    this.#isPaused = mustPause
    if (mustPause) this.#socket.pause()
    else this.#socket.resume()
  }
}
