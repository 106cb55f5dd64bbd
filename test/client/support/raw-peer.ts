import { once } from 'node:events'
import net from 'node:net'
import { type DecoderOwner, PeerDecoder, WireError } from '../../../src/protocol/peer/decoder.js'
import { PeerEncoder, writeBlockHeader } from '../../../src/protocol/peer/encoder.js'
import { encodeHandshake, type Handshake, type PeerFeatures } from '../../../src/protocol/peer/handshake.js'
import { BLOCK_HEADER_LENGTH, type PeerMessages } from '../../../src/protocol/peer/messages.js'
import { within } from '../../support/deadline.js'

/** A wait that never ends would hide why. */
const WITHIN_MS = 60_000

export type Heard = readonly [name: string, ...values: unknown[]]

/** One end of a connection that says what a test tells it to, and writes down what it hears. */
export class RawPeer implements DecoderOwner, AsyncDisposable {
  readonly socket: net.Socket
  readonly say: PeerEncoder
  readonly heard: Heard[] = []
  theirs: Handshake | undefined
  isClosed = false
  /** From where it connects. */
  readonly localPort: number
  readonly #pieceCount: number
  #waiting: (() => void)[] = []

  constructor(socket: net.Socket, pieceCount: number) {
    this.socket = socket
    this.localPort = socket.localPort ?? 0
    this.#pieceCount = pieceCount
    this.say = new PeerEncoder(() => queueMicrotask(() => this.#send(this.say.take())))
    const decoder = new PeerDecoder(this)
    socket.on('data', bytes => {
      try {
        decoder.push(bytes)
      } catch (error) {
        // An encrypted handshake, which it does not speak.
        if (!(error instanceof WireError)) throw error
        socket.destroy()
      }
      this.#wake()
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      this.isClosed = true
      this.#wake()
    })
  }

  /**
   * Connects to a session.
   * @param from the address to connect from: any of 127.0.0.0/8, where the system has all of them
   */
  static async dial(port: number, pieceCount: number, from = '127.0.0.1'): Promise<RawPeer> {
    const socket = net.connect({ port, host: '127.0.0.1', localAddress: from })
    await once(socket, 'connect')
    return new RawPeer(socket, pieceCount)
  }

  sayHandshake(infoHash: Uint8Array, features: Partial<PeerFeatures> = {}, id = 'x'): void {
    const peerId = new Uint8Array(20).fill(id.charCodeAt(0))
    this.#send(
      encodeHandshake({
        infoHash,
        peerId,
        features: { fast: true, extensions: true, v2: false, ...features },
      }),
    )
  }

  sayBlock(piece: number, offset: number, bytes: Uint8Array): void {
    this.sayBlockHeader(piece, offset, bytes.length)
    this.#send(bytes)
  }

  sayBlockHeader(piece: number, offset: number, length: number): void {
    const header = new Uint8Array(BLOCK_HEADER_LENGTH)
    writeBlockHeader(new DataView(header.buffer), 0, piece, offset, length)
    this.#send(header)
  }

  /** Any bytes. */
  sayBytes(bytes: Uint8Array): void {
    this.#send(bytes)
  }

  heardOf(name: string): Heard[] {
    return this.heard.filter(([heard]) => heard === name)
  }

  /** Waits until it has heard, or lost, what makes this true. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      if (this.isClosed) throw new Error(`closed after ${this.#story}`)
      await this.change()
    }
  }

  async closed(): Promise<void> {
    const { remoteAddress, remotePort } = this.socket
    const closing = new Promise<void>(resolve => {
      if (this.isClosed) resolve()
      else this.socket.once('close', resolve)
    })
    await within(
      WITHIN_MS,
      () => `the end of the connection with ${remoteAddress} port ${remotePort}, after ${this.#story}`,
      closing,
    )
  }

  /** Waits until it has heard something more, or was closed. */
  async change(): Promise<void> {
    const changed = new Promise<void>(resolve => this.#waiting.push(resolve))
    await within(WITHIN_MS, () => `a message or an end, after ${this.#story}`, changed)
  }

  /** What it was told, the end of it. */
  get #story(): string {
    const names = this.heard.map(([name]) => name)
    return names.length === 0 ? 'no message' : `${names.length} messages: ... ${names.slice(-20).join(' ')}`
  }

  handshake(handshake: Handshake): { messages: PeerMessages; pieceCount: number } {
    this.theirs = handshake
    const messages = new Proxy({} as PeerMessages, {
      get:
        (_, name: string) =>
        (...values: unknown[]) =>
          this.heard.push([
            name,
            ...values.map(value => (value instanceof Uint8Array ? value.slice() : value)),
          ]),
    })
    return { messages, pieceCount: this.#pieceCount }
  }

  beginBlock(): number {
    return 0
  }

  blockBytes(): void {}

  endBlock(piece: number, offset: number, length: number): void {
    this.heard.push(['piece', piece, offset, length])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy()
    await this.closed()
  }

  #send(bytes: Uint8Array): void {
    if (bytes.length > 0 && !this.socket.destroyed) this.socket.write(bytes)
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}

/** Takes the connections of a session; each becomes a raw peer. */
export class RawListener implements AsyncDisposable {
  /** For the test to take from; what it took is closed at the end as well. */
  readonly peers: RawPeer[] = []
  readonly port: number
  readonly #all: RawPeer[] = []
  readonly #server: net.Server
  #waiting: (() => void)[] = []

  private constructor(server: net.Server, port: number, pieceCount: number, onPeer: (peer: RawPeer) => void) {
    this.#server = server
    this.port = port
    server.on('connection', socket => {
      const peer = new RawPeer(socket, pieceCount)
      this.peers.push(peer)
      this.#all.push(peer)
      onPeer(peer)
      for (const resolve of this.#waiting.splice(0)) resolve()
    })
  }

  static async open(pieceCount: number, onPeer: (peer: RawPeer) => void = () => {}): Promise<RawListener> {
    const server = net.createServer()
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    return new RawListener(server, address.port, pieceCount, onPeer)
  }

  get address(): { host: string; port: number } {
    return { host: '127.0.0.1', port: this.port }
  }

  /** The connection that comes as number `index`. */
  async peer(index = 0): Promise<RawPeer> {
    for (;;) {
      const peer = this.peers[index]
      if (peer !== undefined) return peer
      const next = new Promise<void>(resolve => this.#waiting.push(resolve))
      await within(WITHIN_MS, () => `connection ${index}, after ${this.peers.length} connections`, next)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const peer of this.#all) peer.socket.destroy()
    await new Promise(resolve => this.#server.close(resolve))
  }
}
