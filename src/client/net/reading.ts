import type { Flow } from '../limits/flow.js'
import type { Flows, TorrentLimits } from '../limits/rate-limits.js'
import { FIRST_READ_LENGTH, FULL_READ_LENGTH } from './peer-stream.js'
import type { ReadTurns } from './read-turns.js'

/** Bytes that may wait in a socket before its peer's own messages are no longer read: it must take what it asked for. */
const MAX_WAITING_BYTES = 4 * 2 ** 20

/** The cost of a connection in one turn of the event loop: bytes, and for each message as many as make up for its work. */
const COST_PER_TURN = 2 * 2 ** 20
const COST_PER_MESSAGE = 1_024

/** The most milliseconds that its messages may take in one turn. */
const MS_PER_TURN = 4

interface ReadSocket {
  readonly waitingBytes: number
  /** Bytes to be read in one go. */
  readLength: number
  pause(): void
  resume(): void
}

interface CountingDecoder {
  /** A block waits for room. */
  readonly isWaiting: boolean
  /** Messages so far. */
  readonly messageCount: number
}

/**
 * Whether a connection's socket is read: not while a block has no room, while its peer does not take what it asked for,
 * while what may come is used up, or once it has had its turn of the event loop. What is not read the system keeps, and then
 * TCP tells the peer to wait.
 */
export class Reading {
  /** The download rate limit; undefined without one. */
  #flow: Flow | undefined
  readonly #socket: ReadSocket
  readonly #decoder: CountingDecoder
  readonly #turns: ReadTurns
  #isPaused = false
  #hasHadTurn = false
  #turn = -1
  #cost = 0
  #ms = 0
  #messages = 0

  constructor(socket: ReadSocket, decoder: CountingDecoder, turns: ReadTurns) {
    this.#socket = socket
    this.#decoder = decoder
    this.#turns = turns
  }

  /** From now on what comes is limited, and so is what leaves: `mayWrite` is called when it is its turn. */
  openFlows(limits: TorrentLimits, mayWrite: () => void): Flows {
    const flows = limits.openFlows({ down: () => this.update(), up: mayWrite })
    this.#flow = flows.down
    return flows
  }

  /** Bytes have come and were decoded, in `ms` milliseconds. */
  count(bytes: number, ms: number): void {
    const { messageCount } = this.#decoder
    const work = (messageCount - this.#messages) * COST_PER_MESSAGE
    this.#messages = messageCount
    this.#spend(bytes + work, ms)
    // Small messages are read a few thousand at a time: they cannot be put off once they are read.
    const length = work > bytes ? FIRST_READ_LENGTH : FULL_READ_LENGTH
    const flow = this.#flow
    if (flow?.isLimited) flow.spendUnasked(bytes)
    this.#socket.readLength = flow === undefined ? length : Math.min(length, flow.portion)
    this.update()
  }

  /** True while our own limits keep us from reading the peer's messages. */
  get isHeldUp(): boolean {
    return this.#decoder.isWaiting || this.#flow?.isWaiting === true
  }

  /** The connection's next turn has come. */
  takeTurn(): void {
    this.#hasHadTurn = false
    this.update()
  }

  update(): void {
    const mustPause = this.isHeldUp || this.#hasHadTurn || this.#socket.waitingBytes > MAX_WAITING_BYTES
    if (mustPause === this.#isPaused) return
    this.#isPaused = mustPause
    if (mustPause) this.#socket.pause()
    else this.#socket.resume()
  }

  /** The connection has ended. */
  close(): void {
    this.#turns.leave(this)
  }

  #spend(cost: number, ms: number): void {
    const turn = this.#turns.current
    if (turn !== this.#turn) {
      this.#turn = turn
      this.#cost = 0
      this.#ms = 0
    }
    this.#cost += cost
    this.#ms += ms
    if (this.#cost < COST_PER_TURN && this.#ms < MS_PER_TURN) return
    this.#hasHadTurn = true
    this.#turns.wait(this)
  }
}
