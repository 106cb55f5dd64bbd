// Message stream encryption: the side that opened the connection.

import { concatBytes } from '../../base/bytes.js'
import { isHandshakeStart } from '../peer/handshake.js'
import {
  type Ciphers,
  CONSTANT_LENGTH,
  type FieldOutcome,
  type HandshakeProgress,
  methodFields,
  paddingLength,
  readFields,
  type SideOptions,
  secretOf,
  viewOf,
} from './agreement.js'
import { type CryptoMethod, offerOf, selectedMethod } from './crypto-method.js'
import { KEY_LENGTH, publicKeyOf } from './diffie-hellman.js'
import { EncryptionError } from './encryption-error.js'
import { FieldReader } from './field-reader.js'
import { maskTorrentMark, streamCiphers, synchronizationMark, torrentMark } from './stream-keys.js'

export interface InitiatorOptions extends SideOptions {
  /** SKEY, 20 bytes. */
  readonly infoHash: Uint8Array
  /** The initial payload (IA), sent with the encrypted handshake: the handshake of BEP 3. Less than 64 KiB. */
  readonly initial: Uint8Array
}

type State =
  | { readonly type: 'public-key' }
  /** PadB, and behind it the constant. */
  | { readonly type: 'constant'; readonly ciphers: Ciphers }
  /** The selected method, and the length of PadD. */
  | { readonly type: 'selection'; readonly ciphers: Ciphers }
  | { readonly type: 'padding'; readonly ciphers: Ciphers; readonly method: CryptoMethod }

const SELECTION_LENGTH = 6

/**
 *     1. A → B: Ya, PadA
 *     2. B → A: Yb, PadB
 *     3. A → B: HASH('req1', S), HASH('req2', SKEY) xor HASH('req3', S),
 *               ENCRYPT(VC, crypto_provide, len(PadC), PadC, len(IA), IA)
 *     4. B → A: ENCRYPT(VC, crypto_select, len(PadD), PadD), and then what was agreed on, both ways
 */
export class Initiator {
  readonly #options: InitiatorOptions
  readonly #reader = new FieldReader(KEY_LENGTH)
  #state: State = { type: 'public-key' }

  constructor(options: InitiatorOptions) {
    this.#options = options
  }

  /** True once the other side has proven that it knows this handshake and the torrent. */
  get isUnderstood(): boolean {
    return this.#state.type === 'selection' || this.#state.type === 'padding'
  }

  /** True once bytes have arrived that may be a public key. */
  get isAnswered(): boolean {
    return this.#state.type !== 'public-key'
  }

  /** Returns the bytes to send first. */
  begin(): Uint8Array {
    const { privateKey, padding } = this.#options
    return concatBytes([publicKeyOf(privateKey), padding])
  }

  /**
   * Takes bytes as they come; they stay as they are. Not to be called after `agreed`.
   * @throws {EncryptionError}
   */
  push(bytes: Uint8Array): HandshakeProgress {
    return readFields(this.#reader, bytes, field => this.#onField(field))
  }

  #onField(field: Uint8Array): FieldOutcome {
    const state = this.#state
    switch (state.type) {
      case 'public-key':
        return this.#onPublicKey(field)
      case 'constant':
        this.#state = { type: 'selection', ciphers: state.ciphers }
        this.#reader.expect(SELECTION_LENGTH)
        return {}
      case 'selection':
        return this.#onSelection(state.ciphers, field)
      case 'padding':
        state.ciphers.decrypt.apply(field)
        return agreed(state.ciphers, state.method)
    }
  }

  #onPublicKey(publicKey: Uint8Array): FieldOutcome {
    // Some peers send their BEP 3 handshake to any connection, whatever they receive.
    if (isHandshakeStart(publicKey))
      throw new EncryptionError('not-encrypted', 'plain handshake in answer', {})
    const { sha1, infoHash, methods, initial } = this.#options
    const secret = secretOf(this.#options, publicKey)
    const { fromInitiator, fromResponder } = streamCiphers(sha1, secret, infoHash)
    const initialLength = new Uint8Array(2)
    viewOf(initialLength).setUint16(0, initial.length)
    const encrypted = concatBytes([methodFields(offerOf(methods)), initialLength, initial])
    fromInitiator.apply(encrypted)
    const constant = new Uint8Array(CONSTANT_LENGTH)
    fromResponder.apply(constant)
    this.#state = { type: 'constant', ciphers: { encrypt: fromInitiator, decrypt: fromResponder } }
    this.#reader.expectMark(constant)
    const mark = maskTorrentMark(sha1, secret, torrentMark(sha1, infoHash))
    return { send: concatBytes([synchronizationMark(sha1, secret), mark, encrypted]) }
  }

  #onSelection(ciphers: Ciphers, field: Uint8Array): FieldOutcome {
    ciphers.decrypt.apply(field)
    const fields = viewOf(field)
    const method = selectedMethod(this.#options.methods, fields.getUint32(0))
    const padding = paddingLength(fields, 4)
    if (padding === 0) return agreed(ciphers, method)
    this.#state = { type: 'padding', ciphers, method }
    this.#reader.expect(padding)
    return {}
  }
}

function agreed(ciphers: Ciphers, method: CryptoMethod): FieldOutcome {
  return { agreement: { ...ciphers, method, initialBytes: 0 } }
}
