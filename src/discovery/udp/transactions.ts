// BEP 15: requests to UDP trackers, and the answers to them.

import { debugLog } from '../../base/log.js'
import { type AddressFamily, formatAddress, type PeerAddress } from '../../protocol/peer-address.js'
import { decodeUdpAnswer, transactionIdOf, type UdpAnswer } from '../../protocol/tracker/udp/answers.js'
import type { Clock } from '../clock.js'

const debug = debugLog('discovery')

/** Carries datagrams between us and trackers: a part of the session's UDP port. */
export interface TrackerLine {
  /** Opens the port where it is closed. */
  open(): Promise<
    | { readonly type: 'open'; readonly families: readonly AddressFamily[] }
    | { readonly type: 'unavailable'; readonly reason: string }
  >
  /** Sends a datagram. `onFailed` is called if the system refuses it. One that is not `sent` is lost. */
  send(
    datagram: Uint8Array,
    to: PeerAddress,
    onFailed: (error: Error) => void,
  ): 'sent' | 'full' | 'no-family' | 'too-large'
}

/** The outcome of a request; `silent`: no answer has arrived in time. */
export type Reply<Value> =
  | { readonly type: 'answered'; readonly value: Value }
  | { readonly type: 'refused'; readonly reason: string }
  | { readonly type: 'silent' }

/** Extracts the result of a request from an answer; returns undefined for an answer to another kind of request. */
export type ReadAnswer<Value> = (answer: UdpAnswer) => Value | undefined

/** Counts of datagrams that answered no request, by the reason they were dropped for. */
interface Dropped {
  unasked: number
  wrongSource: number
  malformed: number
}

/** The requests under way, by the transaction id that their answers carry. */
export class Transactions {
  readonly dropped: Dropped = { unasked: 0, wrongSource: 0, malformed: 0 }
  readonly #line: TrackerLine
  readonly #clock: Clock
  readonly #newId: () => number
  readonly #open = new Map<number, (datagram: Uint8Array, from: PeerAddress) => void>()

  /**
   * @param connect is given the function to call with each datagram that arrives, and returns the line to send over
   * @param newId returns 32 random bits that cannot be guessed
   */
  constructor(
    connect: (received: (datagram: Uint8Array, from: PeerAddress) => void) => TrackerLine,
    clock: Clock,
    newId: () => number,
  ) {
    this.#line = connect((datagram, from) => this.#received(datagram, from))
    this.#clock = clock
    this.#newId = newId
  }

  get line(): TrackerLine {
    return this.#line
  }

  /** Begins a request to one tracker, which may be sent several times. The caller disposes of it. */
  begin<Value>(to: PeerAddress, read: ReadAnswer<Value>): Transaction<Value> {
    let id = this.#newId()
    while (this.#open.has(id)) id = this.#newId()
    const transaction = new Transaction(id, to, read, this.#line, this.#clock, () => this.#open.delete(id))
    this.#open.set(id, (datagram, from) => {
      if (formatAddress(from) !== formatAddress(to)) this.dropped.wrongSource++
      else if (!transaction.received(datagram)) this.dropped.malformed++
    })
    return transaction
  }

  #received(datagram: Uint8Array, from: PeerAddress): void {
    const id = transactionIdOf(datagram)
    const receive = id === undefined ? undefined : this.#open.get(id)
    if (receive === undefined) this.dropped.unasked++
    else receive(datagram, from)
  }
}

/** One request to a tracker. */
export class Transaction<Value> implements Disposable {
  readonly id: number
  readonly #to: PeerAddress
  readonly #read: ReadAnswer<Value>
  readonly #line: TrackerLine
  readonly #clock: Clock
  readonly #end: () => void
  /** An answer that arrived while no sending was waited for, such as during a new connect. */
  #early: Reply<Value> | undefined
  #onReply: ((reply: Reply<Value>) => void) | undefined
  #onFailure: ((error: Error) => void) | undefined
  #hasMalformedAnswer = false

  constructor(
    id: number,
    to: PeerAddress,
    read: ReadAnswer<Value>,
    line: TrackerLine,
    clock: Clock,
    end: () => void,
  ) {
    this.id = id
    this.#to = to
    this.#read = read
    this.#line = line
    this.#clock = clock
    this.#end = end
  }

  /** Whether the tracker sent a datagram with the right transaction id that is no answer to the request. */
  get hasMalformedAnswer(): boolean {
    return this.#hasMalformedAnswer
  }

  /**
   * Sends the request and waits for an answer to this or any earlier sending of it.
   * @throws the system's error where it could not be sent; the reason of `signal`
   */
  ask(datagram: Uint8Array, waitMs: number, signal: AbortSignal): Promise<Reply<Value>> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted()
      if (this.#early !== undefined) {
        resolve(this.#early)
        this.#early = undefined
        return
      }
      const finish = (): void => {
        cancelTimer()
        signal.removeEventListener('abort', abort)
        this.#onReply = undefined
        this.#onFailure = undefined
      }
      const settle = (reply: Reply<Value>): void => {
        finish()
        resolve(reply)
      }
      const fail = (reason: unknown): void => {
        finish()
        reject(reason)
      }
      const abort = (): void => fail(signal.reason)
      const cancelTimer = this.#clock.schedule(waitMs, () => settle({ type: 'silent' }))
      signal.addEventListener('abort', abort)
      this.#onReply = settle
      this.#onFailure = fail
      const outcome = this.#line.send(datagram, this.#to, error => {
        // The failure of an earlier sending says nothing about this one.
        if (this.#onReply === settle) fail(error)
      })
      if (outcome !== 'sent') debug('%s: request not sent: %s', formatAddress(this.#to), outcome)
    })
  }

  /** Returns false for a datagram that is no answer to this request. */
  received(datagram: Uint8Array): boolean {
    const answer = decodeUdpAnswer(datagram, this.#to.host.includes(':') ? 'ipv6' : 'ipv4')
    const reply = answer && this.#replyOf(answer)
    if (reply === undefined) {
      this.#hasMalformedAnswer = true
      return false
    }
    if (this.#onReply === undefined) this.#early = reply
    else this.#onReply(reply)
    return true
  }

  /** Ends the wait that is under way: there will be no answer. */
  fail(error: Error): void {
    this.#onFailure?.(error)
  }

  [Symbol.dispose](): void {
    this.#end()
  }

  #replyOf(answer: UdpAnswer): Reply<Value> | undefined {
    if (answer.type === 'refused') return answer
    const value = this.#read(answer)
    return value === undefined ? undefined : { type: 'answered', value }
  }
}
