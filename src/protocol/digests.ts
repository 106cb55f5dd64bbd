export const SHA1_LENGTH = 20
export const SHA256_LENGTH = 32

/** The two digest functions of the protocol, passed in so that this folder stays free of the platform. */
export interface Digests {
  /** 20 bytes. */
  sha1(bytes: Uint8Array): Uint8Array
  /** 32 bytes. */
  sha256(bytes: Uint8Array): Uint8Array
}
