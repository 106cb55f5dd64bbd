import { concatBytes } from '../../base/bytes.js'
import { debugLog } from '../../base/log.js'
import { EncryptionError } from '../../protocol/encryption/encryption-error.js'
import type { Initiator } from '../../protocol/encryption/initiator.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import { AgreedStream } from './encryption/agreed-stream.js'
import { LayeredStream } from './encryption/layered-stream.js'
import type { PeerStream, StreamEncryption, StreamListener } from './peer-stream.js'
import type { Way, Ways } from './ways.js'

const debug = debugLog('client')

/** The time to connect while there is another transport to try. */
const CONNECT_MS = 4_000

/** The time for a peer to send its first byte after the encrypted handshake, before a plain connection is tried. */
const ANSWER_MS = 5_000

export interface OutgoingOptions {
  readonly remote: PeerAddress
  /** In the order in which they are tried. */
  readonly ways: Ways
  /** Begins an encrypted handshake, with which `initial` is said. */
  makeInitiator(initial: Uint8Array): Initiator
  /** A way led to an answer of the peer, or to a connection without an answer. */
  onOutcome(way: Way, outcome: 'worked' | 'refused'): void
}

type State =
  | { readonly type: 'connecting' }
  | { readonly type: 'agreeing'; readonly initiator: Initiator }
  /** Some that refuse encryption make the whole agreement first: nothing of BEP 3 has come yet. */
  | { readonly type: 'unanswered'; readonly stream: AgreedStream }
  | { readonly type: 'plain'; readonly isAnswered: boolean }
  | { readonly type: 'agreed'; readonly stream: AgreedStream }
  | { readonly type: 'closed' }

/**
 * An outgoing connection, which tries the ways to the peer until it answers on one. If connecting fails, other transports are
 * tried; if the peer does not understand the encrypted handshake, a plain one over the same transport.
 */
export class OutgoingStream extends LayeredStream {
  readonly #listener: StreamListener
  readonly #options: OutgoingOptions
  protected override socket: PeerStream
  #way: Way
  /** Those that may still be tried. */
  #left: readonly Way[]
  #state: State = { type: 'connecting' }
  /** Until the state is another one. */
  #timer: NodeJS.Timeout | undefined
  /** The first thing that the listener says: it goes along with the encrypted handshake, and is said again on another way. */
  #greeting: readonly Uint8Array[] | undefined

  /** @param listener hears of the first connection that it is `connected`, and is to write its handshake at once */
  constructor(listener: StreamListener, options: OutgoingOptions) {
    super()
    this.#listener = listener
    this.#options = options
    const [first, ...others] = options.ways
    this.#way = first
    this.#left = others
    this.socket = this.#begin(first)
  }

  override get encryption(): StreamEncryption {
    const state = this.#state
    return state.type === 'agreed' || state.type === 'unanswered' ? state.stream.encryption : 'plain'
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

  #begin({ transport }: Way): PeerStream {
    const stream = transport.connect(this.#options.remote, {
      connected: () => {
        if (stream === this.socket) this.#connected()
      },
      data: bytes => {
        if (stream === this.socket) this.#data(bytes)
      },
      closed: error => {
        if (stream === this.socket) this.#closed(error)
      },
    })
    if (this.#left.some(way => way.transport !== transport)) {
      this.#timer = setTimeout(() => this.#tryNext(this.#waysAround(), 'no connection in time'), CONNECT_MS)
    }
    return stream
  }

  #connected(): void {
    if (this.#greeting === undefined) this.#listener.connected()
    const greeting = this.#greeting
    if (this.#state.type !== 'connecting' || greeting === undefined) return
    if (this.#way.encryption === 'plain') {
      this.#enter({ type: 'plain', isAnswered: false })
      this.socket.write(greeting, () => {})
      return
    }
    const initiator = this.#options.makeInitiator(concatBytes(greeting))
    this.#enter({ type: 'agreeing', initiator })
    const plain = this.#plainWays()
    if (plain.length > 0) this.#timer = setTimeout(() => this.#tryNext(plain, 'no answer'), ANSWER_MS)
    this.socket.write([initiator.begin()], () => {})
  }

  #data(bytes: Uint8Array): void {
    const state = this.#state
    switch (state.type) {
      case 'plain':
        if (!state.isAnswered) {
          this.#enter({ type: 'plain', isAnswered: true })
          this.#options.onOutcome(this.#way, 'worked')
        }
        this.#listener.data(bytes)
        break
      case 'unanswered':
        this.#enter({ type: 'agreed', stream: state.stream })
        this.#options.onOutcome(this.#way, 'worked')
        this.#data(bytes)
        break
      case 'agreed':
        state.stream.decrypt(bytes)
        this.#listener.data(bytes)
        break
      case 'agreeing':
        this.#agree(state.initiator, bytes)
        break
      case 'connecting':
      case 'closed':
        break
    }
  }

  #closed(error: Error | undefined): void {
    const state = this.#state
    switch (state.type) {
      case 'connecting':
        this.#tryNext(this.#waysAround(), error)
        break
      case 'agreeing':
      case 'unanswered':
        this.#options.onOutcome(this.#way, 'refused')
        this.#tryNext(this.#plainWays(), error)
        break
      case 'plain':
        if (!state.isAnswered) this.#options.onOutcome(this.#way, 'refused')
        this.#end(error)
        break
      case 'agreed':
        this.#end(error)
        break
      case 'closed':
        break
    }
  }

  #end(error: Error | undefined): void {
    this.#enter({ type: 'closed' })
    this.#listener.closed(error)
  }

  #agree(initiator: Initiator, bytes: Uint8Array): void {
    try {
      const progress = initiator.push(bytes)
      if (progress.send.length > 0) this.socket.write([progress.send], () => {})
      if (progress.type === 'unfinished') return
      // The timer goes on: it is an answer that it waits for.
      this.#state = { type: 'unanswered', stream: new AgreedStream(this.socket, progress.agreement) }
      bytes = bytes.subarray(progress.used)
    } catch (error) {
      if (!(error instanceof EncryptionError)) throw error
      this.#options.onOutcome(this.#way, 'refused')
      this.#tryNext(initiator.isUnderstood ? [] : this.#plainWays(), error)
      return
    }
    if (bytes.length > 0) this.#data(bytes)
  }

  /** The remaining ways if the transport does not reach the peer. */
  #waysAround(): readonly Way[] {
    return this.#left.filter(way => way.transport !== this.#way.transport)
  }

  /** The remaining ways if the peer does not understand the encrypted handshake. */
  #plainWays(): readonly Way[] {
    const { transport } = this.#way
    return this.#left.filter(way => way.transport === transport && way.encryption === 'plain')
  }

  /** A fresh connection, the first of `ways`: on the other one nothing was said that the peer took for a handshake. */
  #tryNext([next, ...left]: readonly Way[], reason: Error | string | undefined): void {
    const before = this.socket
    if (next === undefined) {
      this.#end(reason instanceof Error ? reason : undefined)
    } else {
      const { host, port } = this.#options.remote
      const why = reason instanceof Error ? reason.message : (reason ?? 'closed')
      const { transport, encryption } = this.#way
      debug('%s:%d cannot be reached over %s, %s (%s)', host, port, transport.name, encryption, why)
      this.#enter({ type: 'connecting' })
      this.#way = next
      this.#left = left
      this.socket = this.#begin(next)
    }
    before.destroy()
  }

  #enter(state: State): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#state = state
  }
}
