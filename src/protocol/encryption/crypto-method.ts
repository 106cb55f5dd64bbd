// Message stream encryption: how what follows the handshake is sent. The handshake itself is always encrypted.

import { EncryptionError } from './encryption-error.js'

export type CryptoMethod = 'plaintext' | 'rc4'

/** Bits of `crypto_provide` and `crypto_select`. */
const BITS: Readonly<Record<CryptoMethod, number>> = { plaintext: 1, rc4: 2 }

/** The `crypto_provide` bits for these methods. */
export function offerOf(methods: readonly CryptoMethod[]): number {
  return methods.reduce((bits, method) => bits | BITS[method], 0)
}

/**
 * The first of our methods that the peer offers.
 * @throws {EncryptionError} `bad-method`
 */
export function chooseMethod(ours: readonly CryptoMethod[], offer: number): CryptoMethod {
  const chosen = ours.find(method => (offer & BITS[method]) !== 0)
  if (chosen === undefined)
    throw new EncryptionError('bad-method', 'offers no method that is wanted here', {})
  return chosen
}

/** The `crypto_select` that says so. */
export function selectionOf(method: CryptoMethod): number {
  return BITS[method]
}

/**
 * The method that the peer selected from our offer.
 * @throws {EncryptionError} `bad-method`
 */
export function selectedMethod(ours: readonly CryptoMethod[], selection: number): CryptoMethod {
  const selected = ours.find(method => BITS[method] === selection)
  if (selected === undefined) throw new EncryptionError('bad-method', 'selects what was not offered', {})
  return selected
}
