import type { Agreement } from '../../../protocol/encryption/agreement.js'
import type { PeerStream, StreamEncryption } from '../peer-stream.js'
import { encryptedCopy } from './encrypted-copy.js'

/** The stream after an encrypted handshake, which is encrypted as well, or plain. */
export class AgreedStream {
  readonly #socket: PeerStream
  readonly #agreement: Agreement
  /** Bytes to come that are encrypted although what follows them is not. */
  #initialBytes: number

  constructor(socket: PeerStream, agreement: Agreement) {
    this.#socket = socket
    this.#agreement = agreement
    this.#initialBytes = agreement.method === 'plaintext' ? agreement.initialBytes : 0
  }

  get encryption(): StreamEncryption {
    return this.#agreement.method === 'rc4' ? 'rc4' : 'header-only'
  }

  /** Makes the next bytes readable where they lie. */
  decrypt(bytes: Uint8Array): void {
    const { method, decrypt } = this.#agreement
    if (method === 'rc4') {
      decrypt.apply(bytes)
    } else if (this.#initialBytes > 0) {
      const initial = bytes.subarray(0, this.#initialBytes)
      decrypt.apply(initial)
      this.#initialBytes -= initial.length
    }
  }

  write(parts: readonly Uint8Array[], written: () => void): void {
    if (this.#agreement.method === 'plaintext') {
      this.#socket.write(parts, written)
      return
    }
    const copy = encryptedCopy(parts, this.#agreement.encrypt)
    this.#socket.write(copy.parts, () => {
      copy.release()
      written()
    })
  }
}
