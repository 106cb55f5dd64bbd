import type { Steps } from '../base/steps.js'

export const SHA1_LENGTH = 20
export const SHA256_LENGTH = 32

export type DigestName = 'sha1' | 'sha256'

/** A digest of bytes that come in parts. */
interface Hasher {
  update(bytes: Uint8Array): void
  /** Call once, after the last part. */
  digest(): Uint8Array
}

/** The two digest functions of the protocol, passed in so that this folder stays free of the platform. */
export interface Digests {
  /** 20 bytes. */
  sha1(bytes: Uint8Array): Uint8Array
  /** 32 bytes. */
  sha256(bytes: Uint8Array): Uint8Array
  hasher(name: DigestName): Hasher
}

/** Bytes that are hashed in one step: some milliseconds. */
const BYTES_A_STEP = 2 ** 21

/** A digest of bytes that may be many. */
export function* digestInSteps(digests: Digests, name: DigestName, bytes: Uint8Array): Steps<Uint8Array> {
  if (bytes.length <= BYTES_A_STEP) return digests[name](bytes)
  const hasher = digests.hasher(name)
  for (let at = 0; at < bytes.length; at += BYTES_A_STEP) {
    hasher.update(bytes.subarray(at, at + BYTES_A_STEP))
    yield
  }
  return hasher.digest()
}
