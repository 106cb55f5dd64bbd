// Message stream encryption: the side that was connected to. `initiator.ts` shows the whole of it.

import { concatBytes } from '../../base/bytes.js'
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
import { type CryptoMethod, chooseMethod, selectionOf } from './crypto-method.js'
import { KEY_LENGTH, publicKeyOf } from './diffie-hellman.js'
import { EncryptionError } from './encryption-error.js'
import { FieldReader } from './field-reader.js'
import { maskTorrentMark, streamCiphers, synchronizationMark } from './stream-keys.js'

export interface ResponderOptions extends SideOptions {
  /** The info hash that has this mark (20 bytes), as `torrentMark` makes it; undefined where we have no such torrent. */
  readonly findTorrent: (mark: Uint8Array) => Uint8Array | undefined
}

type State =
  | { readonly type: 'public-key' }
  /** PadA, and behind it HASH('req1', S). */
  | { readonly type: 'synchronization'; readonly secret: Uint8Array }
  | { readonly type: 'torrent'; readonly secret: Uint8Array }
  /** The constant, what is on offer, and the length of PadC. */
  | { readonly type: 'offer'; readonly ciphers: Ciphers }
  /** PadC, and the length of what is said ahead. */
  | { readonly type: 'padding'; readonly ciphers: Ciphers; readonly method: CryptoMethod }

const MARK_LENGTH = 20
const OFFER_LENGTH = CONSTANT_LENGTH + 6

export class Responder {
  readonly #options: ResponderOptions
  readonly #reader = new FieldReader(KEY_LENGTH)
  #state: State = { type: 'public-key' }

  constructor(options: ResponderOptions) {
    this.#options = options
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
      case 'synchronization':
        this.#state = { type: 'torrent', secret: state.secret }
        this.#reader.expect(MARK_LENGTH)
        return {}
      case 'torrent':
        return this.#onTorrent(state.secret, field)
      case 'offer':
        return this.#onOffer(state.ciphers, field)
      case 'padding':
        return onPadding(state.ciphers, state.method, field)
    }
  }

  #onPublicKey(publicKey: Uint8Array): FieldOutcome {
    const { sha1, privateKey, padding } = this.#options
    const secret = secretOf(this.#options, publicKey)
    this.#state = { type: 'synchronization', secret }
    this.#reader.expectMark(synchronizationMark(sha1, secret))
    return { send: concatBytes([publicKeyOf(privateKey), padding]) }
  }

  #onTorrent(secret: Uint8Array, masked: Uint8Array): FieldOutcome {
    const { sha1, findTorrent } = this.#options
    const infoHash = findTorrent(maskTorrentMark(sha1, secret, masked))
    if (infoHash === undefined) throw new EncryptionError('unknown-torrent', 'wants another torrent', {})
    const { fromInitiator, fromResponder } = streamCiphers(sha1, secret, infoHash)
    this.#state = { type: 'offer', ciphers: { encrypt: fromResponder, decrypt: fromInitiator } }
    this.#reader.expect(OFFER_LENGTH)
    return {}
  }

  #onOffer(ciphers: Ciphers, field: Uint8Array): FieldOutcome {
    ciphers.decrypt.apply(field)
    if (field.subarray(0, CONSTANT_LENGTH).some(byte => byte !== 0))
      throw new EncryptionError('bad-constant', 'encrypts with other keys', {})
    const fields = viewOf(field)
    const padding = paddingLength(fields, CONSTANT_LENGTH + 4)
    const method = chooseMethod(this.#options.methods, fields.getUint32(CONSTANT_LENGTH))
    this.#state = { type: 'padding', ciphers, method }
    this.#reader.expect(padding + 2)
    return {}
  }
}

function onPadding(ciphers: Ciphers, method: CryptoMethod, field: Uint8Array): FieldOutcome {
  ciphers.decrypt.apply(field)
  const send = methodFields(selectionOf(method))
  ciphers.encrypt.apply(send)
  return {
    send,
    agreement: { ...ciphers, method, initialBytes: viewOf(field).getUint16(field.length - 2) },
  }
}
