import type { Random } from '../base/random.js'
import type { PeerAddress } from '../protocol/peer-address.js'

/** The machine, or the simulated world, as a node of the DHT sees it. */
export interface DhtWorld {
  /** Tokens, transaction ids and node ids are made of it: of the machine, it must not be predictable. */
  readonly random: Random
  /** Sends a datagram, which may get lost. It is not written to afterwards. */
  send(datagram: Uint8Array, to: PeerAddress): void
  /** The SHA-1, 20 bytes, of at most 2 KiB. */
  sha1(bytes: Uint8Array): Uint8Array
  /** True where an Ed25519 signature of 64 bytes is that of a message, by a public key of 32 bytes (BEP 44). */
  verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean
}
