import type { Socket } from 'node:net'
import type { TrackerClient } from '../client.js'
import type { TrackerLimits } from '../limits.js'
import { encodeAnswerHead, type HttpAnswer } from './answer.js'
import { parseRequestHead, type RequestHead } from './request-head.js'

/** The server, as a connection sees it. */
export interface ConnectionOwner {
  readonly limits: TrackerLimits
  /** The value of the `Date` header. */
  readonly date: string
  answer(head: RequestHead, client: TrackerClient): HttpAnswer
  /** A request that is not the first of its connection: `takeTurn` is to be called in a later turn. */
  queue(connection: Connection): void
  /** An answer has left. */
  answered(connection: Connection): void
  closed(connection: Connection): void
}

/**
 * - `idle`: between two requests, or before the first
 * - `reading`: a part of a head has come
 * - `queued`: a request that is not the first of the connection waits for its turn
 * - `answering`: an answer is on its way
 * - `held`: the client asked too much and is not read
 * - `closing`: the last answer was written; what comes is thrown away until the client closes
 */
type State = 'idle' | 'reading' | 'queued' | 'answering' | 'held' | 'closing'

const HEAD_END = Buffer.from('\r\n\r\n')
const HOLD_MS = 1000
/** Time for the last answer to be read: a socket that is destroyed with unread bytes in it takes the answer along. */
const LINGER_MS = 1000
/** An idle connection is closed this much later than announced, for a request that is on its way. */
const IDLE_GRACE_MS = 1000
/** With more than this in hand, nothing more is read until it has been answered. */
const MAX_UNPAUSED = 4096
/** Bodies up to this length are copied behind their header, which is cheaper than a write of two buffers. */
const COPIED_BODY = 8192
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const NOTHING = new Uint8Array(0)

/**
 * One TCP connection with HTTP/1.1 on it, one request at a time: the next is looked at when the answer to the one
 * before has left, and the socket is not read meanwhile. So a client has at most one chunk of its requests and one
 * answer in our memory, however many it sends and however few it reads.
 */
export class Connection {
  readonly client: TrackerClient
  readonly #socket: Socket
  readonly #owner: ConnectionOwner
  #state: State = 'idle'
  /** When the state began. */
  #since: number
  /** Bytes that have arrived and are not parsed yet. */
  #rest: Buffer | undefined
  /** Bytes at the start of `#rest` in which no head ends. */
  #searched = 0
  #hadAnswer = false
  #keepsAlive = true
  #holds = false
  /** The client sends nothing more. */
  #hasEnded = false

  constructor(socket: Socket, client: TrackerClient, owner: ConnectionOwner, now: number) {
    this.client = client
    this.#socket = socket
    this.#owner = owner
    this.#since = now
    socket.setNoDelay(true)
    socket.on('data', chunk => this.#read(chunk))
    socket.on('end', () => this.#end())
    socket.on('error', () => socket.destroy())
    socket.on('close', () => owner.closed(this))
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** Looks at the next of several requests that came together. */
  takeTurn(): void {
    if (this.#state === 'queued' && !this.#socket.destroyed) this.#next()
  }

  /** Ends what has taken too long, and lets go of what was held; to be called every second. */
  sweep(now: number): void {
    const age = now - this.#since
    const { idleMs, requestMs, answerMs } = this.#owner.limits
    switch (this.#state) {
      case 'idle':
        if (age > idleMs + IDLE_GRACE_MS) this.destroy()
        return
      case 'reading':
        if (age > requestMs) this.#refuse(408)
        return
      case 'answering':
        if (age > answerMs) this.destroy()
        return
      case 'held':
        if (age > HOLD_MS) this.#goOn()
        return
      case 'closing':
        if (age > LINGER_MS) this.destroy()
        return
      case 'queued':
        return
    }
  }

  #read(chunk: Buffer | string): void {
    if (this.#state === 'closing' || typeof chunk === 'string') return
    this.#rest = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk])
    if (this.#state === 'idle') this.#start()
    else if (this.#state === 'reading') this.#next()
    else this.#socket.pause()
    if (this.#rest !== undefined && this.#rest.length > MAX_UNPAUSED) this.#socket.pause()
  }

  #end(): void {
    this.#hasEnded = true
    if (this.#state === 'idle' || this.#state === 'reading') this.#socket.end()
  }

  /** The first request of a connection comes before those of clients that had an answer already. */
  #start(): void {
    if (this.#hadAnswer) this.#wait()
    else this.#next()
  }

  #wait(): void {
    this.#enter('queued')
    this.#owner.queue(this)
  }

  /** Answers the request at the start of what has come, if all of its head is there. */
  #next(): void {
    const rest = withoutLeadingLineEnds(this.#rest)
    this.#rest = rest
    if (rest === undefined) {
      this.#waitFor('idle')
      return
    }
    const end = rest.indexOf(HEAD_END, Math.max(0, this.#searched - HEAD_END.length))
    if (end < 0) {
      this.#waitForMore(rest)
      return
    }
    this.#searched = 0
    if (end > this.#owner.limits.headBytes) {
      this.#refuse(431)
      return
    }
    const after = end + HEAD_END.length
    this.#rest = after === rest.length ? undefined : rest.subarray(after)
    const head = parseRequestHead(rest.toString('latin1', 0, end))
    if (head.type === 'bad') this.#refuse(head.status)
    else this.#send(this.#owner.answer(head, this.client), head.keepAlive, head.method === 'HEAD')
  }

  #waitForMore(rest: Buffer): void {
    const isRequest = isUpperCase(rest[0]) && !rest.includes('\n\n', Math.max(0, this.#searched - 1))
    this.#searched = rest.length
    if (!isRequest) this.#refuse(400)
    else if (rest.length > this.#owner.limits.headBytes) this.#refuse(431)
    else this.#waitFor('reading')
  }

  #waitFor(state: 'idle' | 'reading'): void {
    if (this.#state !== state) this.#enter(state)
    if (this.#hasEnded) this.#socket.end()
    else if (this.#socket.isPaused()) this.#socket.resume()
  }

  #enter(state: State): void {
    this.#state = state
    this.#since = performance.now()
  }

  #refuse(status: number): void {
    this.#send({ status, type: 'text/plain', body: NOTHING, close: true }, false, false)
  }

  #send(answer: HttpAnswer, keepAlive: boolean, isHead: boolean): void {
    this.#keepsAlive = keepAlive && answer.close !== true
    this.#holds = answer.hold === true
    const { date, limits } = this.#owner
    const keepAliveSeconds = this.#keepsAlive ? Math.floor(limits.idleMs / 1000) : undefined
    const text = encodeAnswerHead(answer, date, keepAliveSeconds)
    this.#enter('answering')
    this.#write(text, isHead ? NOTHING : answer.body)
    if (!this.#keepsAlive) {
      this.#rest = undefined
      this.#socket.end()
    }
  }

  #write(head: string, body: Uint8Array): void {
    if (body.length > COPIED_BODY) {
      this.#socket.cork()
      this.#socket.write(head, 'latin1')
      this.#socket.write(body, this.#onWritten)
      this.#socket.uncork()
      return
    }
    const bytes = Buffer.allocUnsafe(head.length + body.length)
    bytes.write(head, 'latin1')
    bytes.set(body, head.length)
    this.#socket.write(bytes, this.#onWritten)
  }

  /** The answer is with the system, or the socket is gone. */
  readonly #onWritten = (error?: Error | null): void => {
    if (error != null || this.#socket.destroyed) return
    this.#hadAnswer = true
    this.#owner.answered(this)
    if (!this.#keepsAlive) {
      this.#enter('closing')
      this.#socket.resume()
    } else if (this.#holds) {
      this.#enter('held')
      this.#socket.pause()
    } else {
      this.#goOn()
    }
  }

  #goOn(): void {
    if (this.#rest === undefined) {
      this.#waitFor('idle')
    } else {
      this.#wait()
    }
  }
}

function isUpperCase(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x41 && byte <= 0x5a
}

/** Clients may send an empty line more than they should between two requests (RFC 9112, 2.2). */
function withoutLeadingLineEnds(bytes: Buffer | undefined): Buffer | undefined {
  let start = 0
  while (bytes?.[start] === LINE_FEED || bytes?.[start] === CARRIAGE_RETURN) start++
  if (start === 0) return bytes
  return start === bytes?.length ? undefined : bytes?.subarray(start)
}
