import { concatBytes } from '../../../base/bytes.js'
import { debugLog } from '../../../base/log.js'
import { EncryptionError } from '../../../protocol/encryption/encryption-error.js'
import type { Initiator } from '../../../protocol/encryption/initiator.js'
import type { PeerAddress } from '../../../protocol/peer-address.js'
import type { PeerStream, SocketListener } from '../peer-stream.js'
import { AgreedStream } from './agreed-stream.js'
import { LayeredStream } from './layered-stream.js'

const debug = debugLog('client')

/** How long a peer may take to say its first byte behind the encrypted handshake before it is tried without. */
const ANSWER_MS = 5_000

type Way = 'encrypted' | 'plain'

export interface OutgoingOptions {
  readonly remote: PeerAddress
  /** Opens a socket, which tells a stream what comes; again for another way. */
  open(listener: SocketListener): PeerStream
  /** Begins an encrypted handshake, with which `initial` is said. */
  makeInitiator(initial: Uint8Array): Initiator
  /** How to begin. */
  readonly way: Way
  /** Whether a peer that does not understand the encrypted handshake is tried without. */
  readonly mayBePlain: boolean
  /** It came about without encryption, or not at all. */
  onPlain(outcome: 'worked' | 'failed'): void
}

type State =
  | { readonly type: 'connecting'; readonly way: Way }
  | { readonly type: 'agreeing'; readonly initiator: Initiator; readonly timer: NodeJS.Timeout | undefined }
  /** Some that refuse encryption make the whole agreement first: nothing of BEP 3 has come yet. */
  | { readonly type: 'unanswered'; readonly stream: AgreedStream; readonly timer: NodeJS.Timeout | undefined }
  | { readonly type: 'plain'; readonly isAnswered: boolean }
  | { readonly type: 'agreed'; readonly stream: AgreedStream }
  | { readonly type: 'closed' }

/** A connection that is begun: encrypted, and on a second socket without that where the peer cannot do it. */
export class OutgoingStream extends LayeredStream {
  readonly #listener: SocketListener
  readonly #options: OutgoingOptions
  protected override socket: PeerStream
  #state: State
  /** What the listener says first: it goes along with the encrypted handshake, and is said again on a second socket. */
  #greeting: readonly Uint8Array[] | undefined

  /** @param listener hears of the first socket that it is `connected`, and is to write its handshake at once */
  constructor(listener: SocketListener, options: OutgoingOptions) {
    super()
    this.#listener = listener
    this.#options = options
    this.#state = { type: 'connecting', way: options.way }
    this.socket = this.#open(options.way)
  }

  /** Behind its handshake the listener says nothing before that of the peer has come. */
  write(parts: readonly Uint8Array[], written: () => void): void {
    const state = this.#state
    if (state.type === 'agreed' || state.type === 'unanswered') state.stream.write(parts, written)
    else if (state.type === 'plain') this.socket.write(parts, written)
    else if (state.type === 'connecting') this.#greeting = parts
  }

  destroy(): void {
    this.#enter({ type: 'closed' })
    this.socket.destroy()
  }

  #open(way: Way): PeerStream {
    const socket = this.#options.open({
      connected: () => this.#connected(way),
      data: bytes => this.#data(bytes),
      closed: error => {
        if (socket === this.socket) this.#closed(error)
      },
    })
    return socket
  }

  #connected(way: Way): void {
    if (this.#greeting === undefined) this.#listener.connected()
    const greeting = this.#greeting
    if (this.#state.type !== 'connecting' || greeting === undefined) return
    if (way === 'plain') {
      this.#enter({ type: 'plain', isAnswered: false })
      this.socket.write(greeting, () => {})
      return
    }
    const initiator = this.#options.makeInitiator(concatBytes(greeting))
    const timer = this.#options.mayBePlain
      ? setTimeout(() => this.#goPlain('no answer'), ANSWER_MS)
      : undefined
    this.#enter({ type: 'agreeing', initiator, timer })
    this.socket.write([initiator.begin()], () => {})
  }

  #data(bytes: Uint8Array): void {
    const state = this.#state
    switch (state.type) {
      case 'plain':
        if (!state.isAnswered) {
          this.#enter({ type: 'plain', isAnswered: true })
          this.#options.onPlain('worked')
        }
        this.#listener.data(bytes)
        break
      case 'unanswered':
        this.#enter({ type: 'agreed', stream: state.stream })
        this.#data(bytes)
        break
      case 'agreed':
        state.stream.decrypt(bytes)
        this.#listener.data(bytes)
        break
      case 'agreeing':
        this.#agree(state, bytes)
        break
      case 'connecting':
      case 'closed':
        break
    }
  }

  #closed(error: Error | undefined): void {
    const state = this.#state
    if (state.type === 'closed') return
    if ((state.type === 'agreeing' || state.type === 'unanswered') && this.#options.mayBePlain) {
      this.#goPlain(error?.message ?? 'closed')
      return
    }
    if (state.type === 'plain' && !state.isAnswered) this.#options.onPlain('failed')
    this.#end(error)
  }

  #end(error: Error | undefined): void {
    this.#enter({ type: 'closed' })
    this.#listener.closed(error)
  }

  #agree({ initiator, timer }: State & { type: 'agreeing' }, bytes: Uint8Array): void {
    try {
      const progress = initiator.push(bytes)
      if (progress.send.length > 0) this.socket.write([progress.send], () => {})
      if (progress.type === 'unfinished') return
      const stream = new AgreedStream(this.socket, progress.agreement)
      this.#state = { type: 'unanswered', stream, timer }
      bytes = bytes.subarray(progress.used)
    } catch (error) {
      if (!(error instanceof EncryptionError)) throw error
      this.#misunderstood(initiator, error)
      return
    }
    if (bytes.length > 0) this.#data(bytes)
  }

  #misunderstood(initiator: Initiator, error: EncryptionError): void {
    if (this.#options.mayBePlain && !initiator.isUnderstood) {
      this.#goPlain(error.message)
      return
    }
    this.socket.destroy()
    this.#end(error)
  }

  /** A fresh connection: what was said on the other one was no handshake to the peer. */
  #goPlain(reason: string): void {
    const { host, port } = this.#options.remote
    debug('%s:%d does not speak encrypted (%s)', host, port, reason)
    const before = this.socket
    this.#enter({ type: 'connecting', way: 'plain' })
    this.socket = this.#open('plain')
    before.destroy()
  }

  #enter(state: State): void {
    if (this.#state.type === 'agreeing' || this.#state.type === 'unanswered') clearTimeout(this.#state.timer)
    this.#state = state
  }
}
