import { concatBytes } from '../../../base/bytes.js'
import { EncryptionError } from '../../../protocol/encryption/encryption-error.js'
import type { Responder } from '../../../protocol/encryption/responder.js'
import { isHandshakeStart, PROTOCOL_LENGTH } from '../../../protocol/peer/handshake.js'
import type { PeerStream, SocketListener } from '../peer-stream.js'
import { AgreedStream } from './agreed-stream.js'
import { LayeredStream } from './layered-stream.js'

export interface IncomingOptions {
  /** Opens the socket, which tells the stream what comes. */
  open(listener: SocketListener): PeerStream
  /** Takes part in an encrypted handshake. */
  makeResponder(): Responder
  readonly mayBePlain: boolean
}

type State =
  /** What came so far may be the beginning of a plain handshake. */
  | { readonly type: 'unknown'; readonly known: Uint8Array }
  | { readonly type: 'agreeing'; readonly responder: Responder }
  | { readonly type: 'plain' }
  | { readonly type: 'agreed'; readonly stream: AgreedStream }
  | { readonly type: 'closed' }

/** A connection that was accepted: sees whether the peer begins plainly or encrypted, and hands on what it says. */
export class IncomingStream extends LayeredStream implements SocketListener {
  readonly #listener: SocketListener
  readonly #options: IncomingOptions
  protected override socket: PeerStream
  #state: State = { type: 'unknown', known: new Uint8Array(0) }

  /** @param listener hears what was said, decrypted; `connected` it was before */
  constructor(listener: SocketListener, options: IncomingOptions) {
    super()
    this.#listener = listener
    this.#options = options
    this.socket = options.open(this)
  }

  /** Who accepts speaks second: before the handshake of BEP 3 has come nothing is written. */
  write(parts: readonly Uint8Array[], written: () => void): void {
    if (this.#state.type === 'agreed') this.#state.stream.write(parts, written)
    else if (this.#state.type === 'plain') this.socket.write(parts, written)
  }

  destroy(): void {
    this.#state = { type: 'closed' }
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
        this.#tell(state.known, bytes)
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
    this.#state = { type: 'closed' }
    this.#listener.closed(error)
  }

  /** Tells by the first 20 bytes: a public key does not begin with the name of the protocol. */
  #tell(known: Uint8Array, bytes: Uint8Array): void {
    const start = concatBytes([known, bytes.subarray(0, PROTOCOL_LENGTH - known.length)])
    if (!isHandshakeStart(start)) {
      this.#state = { type: 'agreeing', responder: this.#options.makeResponder() }
    } else if (start.length < PROTOCOL_LENGTH) {
      this.#state = { type: 'unknown', known: start }
      return
    } else if (this.#options.mayBePlain) {
      this.#state = { type: 'plain' }
    } else {
      this.#fail(new EncryptionError('not-encrypted', 'speaks plainly', {}))
      return
    }
    if (known.length > 0) this.data(known)
    this.data(bytes)
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

  #fail(error: EncryptionError): void {
    this.socket.destroy()
    this.closed(error)
  }
}
