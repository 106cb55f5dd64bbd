import type { Socket } from 'node:net'
import { CountRanking } from '../../base/count-ranking.js'
import { clientAt, type TrackerClient } from '../client.js'
import type { TrackerLimits } from '../limits.js'
import type { HttpAnswer } from './answer.js'
import { Connection } from './connection.js'
import type { RequestHead } from './request-head.js'

const SWEEP_MS = 1000
/**
 * Requests answered in one turn of the event loop, besides the first ones of new connections. They take some milliseconds
 * together, the longest that a flood on open connections can make a new client wait.
 */
const QUEUED_A_TURN = 64

export interface ConnectionsOptions {
  readonly limits: TrackerLimits
  answer(head: RequestHead, client: TrackerClient): HttpAnswer
  /** True if connections of this client are to be closed at once. */
  refuses(client: TrackerClient): boolean
}

/**
 * The connections of a server. When an address, or all addresses together, would exceed the limit, the connection that has been
 * silent for longest is closed: of that address, or of the address that has the most.
 */
export class Connections implements Disposable {
  readonly #options: ConnectionsOptions
  /** By the key of their client, in each set the one that has been silent for longest first. */
  readonly #byClient = new Map<string, Set<Connection>>()
  readonly #ranking = new CountRanking<string>()
  #size = 0
  #queue: Connection[] = []
  #turn: NodeJS.Immediate | undefined
  readonly #timer: NodeJS.Timeout
  #date = new Date().toUTCString()

  constructor(options: ConnectionsOptions) {
    this.#options = options
    this.#timer = setInterval(() => this.#sweep(), SWEEP_MS)
    this.#timer.unref()
  }

  get limits(): TrackerLimits {
    return this.#options.limits
  }

  get date(): string {
    return this.#date
  }

  accept(socket: Socket): void {
    const client = clientAt(socket.remoteAddress ?? '')
    if (client === undefined || this.#options.refuses(client)) {
      socket.on('error', () => {})
      socket.resetAndDestroy()
      return
    }
    const { connections, addresses } = this.limits
    if (this.#ranking.count(client.key) >= addresses[client.kind].connections) this.#close(client.key)
    else if (this.#size >= connections) this.#close(this.#ranking.first)
    this.#add(new Connection(socket, client, this, performance.now()))
  }

  answer(head: RequestHead, client: TrackerClient): HttpAnswer {
    return this.#options.answer(head, client)
  }

  answered(connection: Connection): void {
    const siblings = this.#byClient.get(connection.client.key)
    if (siblings === undefined || siblings.size < 2 || !siblings.delete(connection)) return
    siblings.add(connection)
  }

  queue(connection: Connection): void {
    this.#queue.push(connection)
    this.#turn ??= setImmediate(() => this.#takeTurns())
  }

  closed(connection: Connection): void {
    const { key } = connection.client
    const siblings = this.#byClient.get(key)
    if (siblings?.delete(connection) !== true) return
    if (siblings.size === 0) this.#byClient.delete(key)
    this.#ranking.decrease(key)
    this.#size--
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    clearImmediate(this.#turn)
    for (const siblings of this.#byClient.values()) {
      for (const connection of siblings) connection.destroy()
    }
  }

  #add(connection: Connection): void {
    const { key } = connection.client
    const siblings = this.#byClient.get(key)
    if (siblings === undefined) this.#byClient.set(key, new Set([connection]))
    else siblings.add(connection)
    this.#ranking.increase(key)
    this.#size++
  }

  /** Closes the connection of a client that has been silent for longest. */
  #close(key: string | undefined): void {
    if (key === undefined) return
    for (const connection of this.#byClient.get(key) ?? []) {
      connection.destroy()
      // Counted as gone now: the event comes later, and more connections may come before it.
      this.closed(connection)
      return
    }
  }

  #takeTurns(): void {
    this.#turn = undefined
    const now = this.#queue.splice(0, QUEUED_A_TURN)
    if (this.#queue.length > 0) this.#turn = setImmediate(() => this.#takeTurns())
    for (const connection of now) connection.takeTurn()
  }

  #sweep(): void {
    this.#date = new Date().toUTCString()
    const now = performance.now()
    for (const siblings of this.#byClient.values()) {
      for (const connection of siblings) connection.sweep(now)
    }
  }
}
