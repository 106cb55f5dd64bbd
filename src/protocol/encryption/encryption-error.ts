import { CodedError } from '../../base/errors.js'

export type EncryptionErrorCode =
  /** A public key with which the secret would be none. */
  | 'bad-key'
  /** Nothing of what has to stand behind the padding came within its bounds. */
  | 'no-sync'
  /** The key of the stream is that of no torrent of ours. */
  | 'unknown-torrent'
  /** VC did not decrypt to zeros: the two sides have different keys. */
  | 'bad-constant'
  /** More padding than there may be. */
  | 'bad-padding'
  /** None, or more than one, or one that was not offered. */
  | 'bad-method'
  /** The handshake was to be encrypted and is not. */
  | 'not-encrypted'

/** A peer failed at the handshake of message stream encryption; its connection ends. */
export class EncryptionError extends CodedError<EncryptionErrorCode> {}
