import { concatBytes } from '../../../base/bytes.js'
import { KEY_LENGTH } from '../../../protocol/encryption/diffie-hellman.js'
import { EncryptionError } from '../../../protocol/encryption/encryption-error.js'
import type { Responder } from '../../../protocol/encryption/responder.js'
import { isHandshakeStart, PROTOCOL_LENGTH } from '../../../protocol/peer/handshake.js'
import type { PeerStream, StreamEncryption, StreamListener } from '../peer-stream.js'
import { AgreedStream } from './agreed-stream.js'
import type { KeyExchangeTurn } from './key-exchanges.js'
import { LayeredStream } from './layered-stream.js'

export interface IncomingOptions {
  /** Opens the socket, which tells the stream what comes. */
  open(listener: StreamListener): PeerStream
  /** Takes part in an encrypted handshake. */
  makeResponder(): Responder
  /** Asks for the turn of a key exchange. */
  askForKeyExchange(goOn: () => void): 'now' | KeyExchangeTurn
  readonly mayBePlain: boolean
}

/** Bytes that are kept while a connection waits for its turn: what a read may bring before the socket is paused. */
const MAX_KNOWN = 16 * 1_024

type State =
  /** The bytes so far begin a plain handshake or a public key. */
  | { readonly type: 'unknown'; readonly known: Uint8Array }
  /** A public key has come, with what followed it; the socket is paused. */
  | { readonly type: 'waiting-for-exchange'; readonly known: Uint8Array; readonly turn: KeyExchangeTurn }
  | { readonly type: 'agreeing'; readonly responder: Responder }
  | { readonly type: 'plain' }
  | { readonly type: 'agreed'; readonly stream: AgreedStream }
  | { readonly type: 'closed' }

/** A connection that was accepted: sees whether the peer begins plainly or encrypted, and hands on what it says. */
export class IncomingStream extends LayeredStream implements StreamListener {
  readonly #listener: StreamListener
  readonly #options: IncomingOptions
  protected override socket: PeerStream
  #state: State = { type: 'unknown', known: new Uint8Array(0) }

  /** @param listener hears what was said, decrypted; `connected` it was before */
  constructor(listener: StreamListener, options: IncomingOptions) {
    super()
    this.#listener = listener
    this.#options = options
    this.socket = options.open(this)
  }

  override get encryption(): StreamEncryption {
    return this.#state.type === 'agreed' ? this.#state.stream.encryption : 'plain'
  }

  /** The accepting side answers: nothing is written before the peer's BEP 3 handshake has arrived. */
  write(parts: readonly Uint8Array[], written: () => void): void {
    if (this.#state.type === 'agreed') this.#state.stream.write(parts, written)
    else if (this.#state.type === 'plain') this.socket.write(parts, written)
  }

  destroy(): void {
    this.#close()
    this.socket.destroy()
  }

  // From the socket.

  connected(): void {}

  data(bytes: Uint8Array): void {
    const state = this.#state
    switch (state.type) {
      case 'plain':
        this.#listener.data(bytes)
        break
      case 'agreed':
        state.stream.decrypt(bytes)
        this.#listener.data(bytes)
        break
      case 'unknown':
        this.#tell(concatBytes([state.known, bytes]))
        break
      case 'waiting-for-exchange':
        // On its way when the socket was paused.
        this.#state = { ...state, known: concatBytes([state.known, bytes]) }
        if (state.known.length > MAX_KNOWN) this.#fail(new EncryptionError('no-sync', 'does not wait', {}))
        break
      case 'agreeing':
        this.#agree(state.responder, bytes)
        break
      case 'closed':
        break
    }
  }

  closed(error: Error | undefined): void {
    if (this.#state.type === 'closed') return
    this.#close()
    this.#listener.closed(error)
  }

  /** Tells by the first 20 bytes: a public key does not begin with the name of the protocol. */
  #tell(known: Uint8Array): void {
    const isPlain = isHandshakeStart(known)
    if (known.length < (isPlain ? PROTOCOL_LENGTH : KEY_LENGTH)) {
      this.#state = { type: 'unknown', known }
    } else if (!isPlain) {
      this.#awaitExchange(known)
    } else if (this.#options.mayBePlain) {
      this.#state = { type: 'plain' }
      this.#listener.data(known)
    } else {
      this.#fail(new EncryptionError('not-encrypted', 'speaks plainly', {}))
    }
  }

  #awaitExchange(known: Uint8Array): void {
    const turn = this.#options.askForKeyExchange(() => {
      if (this.#state.type !== 'waiting-for-exchange') return
      this.#exchange(this.#state.known)
      if (!this.#isClosed) this.socket.resume()
    })
    if (turn === 'now') {
      this.#exchange(known)
      return
    }
    this.socket.pause()
    this.#state = { type: 'waiting-for-exchange', known, turn }
  }

  #exchange(known: Uint8Array): void {
    const responder = this.#options.makeResponder()
    this.#state = { type: 'agreeing', responder }
    this.#agree(responder, known)
  }

  #agree(responder: Responder, bytes: Uint8Array): void {
    try {
      const progress = responder.push(bytes)
      if (progress.send.length > 0) this.socket.write([progress.send], () => {})
      if (progress.type === 'unfinished') return
      this.#state = { type: 'agreed', stream: new AgreedStream(this.socket, progress.agreement) }
      bytes = bytes.subarray(progress.used)
    } catch (error) {
      if (!(error instanceof EncryptionError)) throw error
      this.#fail(error)
      return
    }
    if (bytes.length > 0) this.data(bytes)
  }

  get #isClosed(): boolean {
    return this.#state.type === 'closed'
  }

  #close(): void {
    if (this.#state.type === 'waiting-for-exchange') this.#state.turn.cancel()
    this.#state = { type: 'closed' }
  }

  #fail(error: EncryptionError): void {
    this.socket.destroy()
    this.closed(error)
  }
}
