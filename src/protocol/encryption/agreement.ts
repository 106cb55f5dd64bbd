// Message stream encryption: what the two sides of the handshake have in common.

import { concatBytes } from '../../base/bytes.js'
import type { Digests } from '../digests.js'
import type { CryptoMethod } from './crypto-method.js'
import { sharedSecret } from './diffie-hellman.js'
import { EncryptionError } from './encryption-error.js'
import { type FieldReader, MAX_PADDING } from './field-reader.js'
import type { Rc4 } from './rc4.js'

/** The length of VC: zero bytes, which prove the right keys when decrypted. */
export const CONSTANT_LENGTH = 8

export interface SideOptions {
  readonly sha1: Digests['sha1']
  /** 20 random bytes. */
  readonly privateKey: Uint8Array
  /** 0 to 512 random bytes, which stand behind the public key. */
  readonly padding: Uint8Array
  /** The acceptable methods, the best first; at least one. */
  readonly methods: readonly CryptoMethod[]
}

export interface Ciphers {
  readonly encrypt: Rc4
  readonly decrypt: Rc4
}

/** How the stream continues after the handshake. */
export interface Agreement extends Ciphers {
  readonly method: CryptoMethod
  /** The number of bytes to come that are encrypted in any case: the initial payload sent with the initiator's handshake. */
  readonly initialBytes: number
}

/** `send` is to be sent now; it may be empty. */
export type HandshakeProgress =
  | { readonly type: 'unfinished'; readonly send: Uint8Array }
  | {
      readonly type: 'agreed'
      readonly send: Uint8Array
      /** Bytes of those that were pushed which belonged to the handshake; the others are the first of the stream. */
      readonly used: number
      readonly agreement: Agreement
    }

/** A side's reaction to a field: bytes to send, and either the agreement or a reader that expects the next field. */
export interface FieldOutcome {
  readonly send?: Uint8Array
  readonly agreement?: Agreement
}

/**
 * Takes bytes, field by field.
 * @throws {EncryptionError}
 */
export function readFields(
  reader: FieldReader,
  bytes: Uint8Array,
  onField: (field: Uint8Array) => FieldOutcome,
): HandshakeProgress {
  const sent: Uint8Array[] = []
  let used = 0
  for (;;) {
    used = reader.take(bytes, used)
    const { field } = reader
    if (field === undefined) return { type: 'unfinished', send: concatBytes(sent) }
    const { send, agreement } = onField(field)
    if (send !== undefined) sent.push(send)
    if (agreement !== undefined) return { type: 'agreed', send: concatBytes(sent), used, agreement }
  }
}

/**
 * S, of 96 bytes.
 * @throws {EncryptionError} `bad-key`
 */
export function secretOf({ privateKey }: SideOptions, publicKey: Uint8Array): Uint8Array {
  const secret = sharedSecret(privateKey, publicKey)
  if (secret === undefined) throw new EncryptionError('bad-key', 'its public key is none', {})
  return secret
}

/**
 * Reads the length of a padding that is to be skipped.
 * @throws {EncryptionError} `bad-padding`
 */
export function paddingLength(fields: DataView, at: number): number {
  const length = fields.getUint16(at)
  if (length > MAX_PADDING) throw new EncryptionError('bad-padding', `${length} bytes of padding`, {})
  return length
}

/** VC, `crypto_provide` or `crypto_select`, and the length of a padding, which we leave out: 0. */
export function methodFields(bits: number): Uint8Array {
  const bytes = new Uint8Array(CONSTANT_LENGTH + 6)
  viewOf(bytes).setUint32(CONSTANT_LENGTH, bits)
  return bytes
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}
