import { createServer, type Server, type Socket } from 'node:net'
import { writeBlockHeader } from '../../../src/protocol/peer/encoder.js'
import { BLOCK_HEADER_LENGTH } from '../../../src/protocol/peer/messages.js'
import { listen } from '../../support/ports.js'
import { SeedingSocket } from './seeding-socket.js'

export interface UploaderOptions {
  readonly pieceCount: number
  /** Bytes of a block. */
  readonly read: (piece: number, offset: number, length: number) => Uint8Array
  /** Undefined: as fast as it goes. */
  readonly bytesPerSecond?: number
}

const TICK_MS = 10
/** From here on the socket is full. */
const MAX_WAITING = 2 ** 20

/** A peer that has everything, unchokes everybody, and uploads no faster than it was told. */
export class Uploader implements AsyncDisposable {
  readonly port: number
  /** When the first and the last byte of a block left, in ms of `performance.now`. */
  firstAt = 0
  lastAt = 0
  sent = 0
  /** The first block was asked for, and left. */
  readonly began: Promise<void>
  #begin: () => void = () => {}
  readonly #server: Server
  readonly #options: UploaderOptions
  readonly #connections = new Set<Connection>()
  readonly #timer: NodeJS.Timeout

  private constructor(server: Server, port: number, options: UploaderOptions) {
    this.#server = server
    this.port = port
    this.#options = options
    this.began = new Promise(resolve => {
      this.#begin = resolve
    })
    server.on('connection', socket => this.#accept(socket))
    this.#timer = setInterval(() => this.#tick(), TICK_MS)
  }

  static async open(options: UploaderOptions): Promise<Uploader> {
    const server = createServer()
    return new Uploader(server, await listen(server), options)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    for (const { socket } of this.#connections) socket.destroy()
    await new Promise(resolve => this.#server.close(resolve))
  }

  #accept(socket: Socket): void {
    const connection = new Connection(socket, this.#options, bytes => this.#onSent(bytes))
    this.#connections.add(connection)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#connections.delete(connection))
  }

  #onSent(bytes: number): void {
    const now = performance.now()
    if (this.sent === 0) {
      this.firstAt = now
      this.#begin()
    }
    this.lastAt = now
    this.sent += bytes
  }

  #tick(): void {
    for (const connection of this.#connections) connection.send(performance.now())
  }
}

class Connection {
  readonly socket: Socket
  readonly #options: UploaderOptions
  readonly #onSent: (bytes: number) => void
  readonly #requests: { piece: number; offset: number; length: number }[] = []
  /** Bytes that it may send at the time `#grantedAt`; below zero after a block that was longer than that. */
  #allowance = 0
  #grantedAt = performance.now()

  constructor(socket: Socket, options: UploaderOptions, onSent: (bytes: number) => void) {
    this.socket = socket
    this.#options = options
    this.#onSent = onSent
    new SeedingSocket(socket, options.pieceCount, {
      onRequest: (piece, offset, length) => this.#requests.push({ piece, offset, length }),
      onRead: () => {
        if (options.bytesPerSecond === undefined) this.send(performance.now())
      },
    })
    socket.on('drain', () => this.send(performance.now()))
  }

  /** Answers what it was asked for, as far as the rate and the socket allow. */
  send(now: number): void {
    this.#grant(now)
    while (this.#requests.length > 0 && this.#allowance > 0 && this.socket.writableLength < MAX_WAITING) {
      const request = this.#requests.shift()
      if (request === undefined) return
      const { piece, offset, length } = request
      const header = new Uint8Array(BLOCK_HEADER_LENGTH)
      writeBlockHeader(new DataView(header.buffer), 0, piece, offset, length)
      this.socket.cork()
      this.socket.write(header)
      this.socket.write(this.#options.read(piece, offset, length))
      this.socket.uncork()
      this.#allowance -= length
      this.#onSent(length)
    }
  }

  /** What is not used is not saved up, but for one tick. */
  #grant(now: number): void {
    const { bytesPerSecond } = this.#options
    if (bytesPerSecond === undefined) {
      this.#allowance = Number.POSITIVE_INFINITY
      return
    }
    const granted = ((now - this.#grantedAt) / 1000) * bytesPerSecond
    const most = Math.max(granted, (2 * TICK_MS * bytesPerSecond) / 1000)
    this.#allowance = Math.min(this.#allowance + granted, most)
    this.#grantedAt = now
  }
}
