// Message stream encryption: the key exchange, of 768 bits. It protects against passive eavesdropping only.

import { fromHex, toHex } from '../../base/bytes.js'

/** Bytes of a public key and of a shared secret. */
export const KEY_LENGTH = 96

/** Bytes of a private key: more would make it slower and no safer. */
export const PRIVATE_KEY_LENGTH = 20

const PRIME = BigInt(
  '0xffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74' +
    '020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f1437' +
    '4fe1356d6d51c245e485b576625e7ec6f44c42e9a63a36210000000000090563',
)
const GENERATOR = 2n

/** The public key (96 bytes) of a private one (20 random bytes). Takes about 0.2 ms. */
export function publicKeyOf(privateKey: Uint8Array): Uint8Array {
  return toBytes(power(GENERATOR, privateKey))
}

/**
 * The shared secret S that both sides compute from each other's public keys, 96 bytes. Takes about 0.3 ms.
 * @returns undefined for a public key that leads to a well-known secret: 0, 1, −1, or one outside of the group
 */
export function sharedSecret(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
  const base = toNumber(publicKey)
  if (base < 2n || base >= PRIME - 1n) return undefined
  return toBytes(power(base, privateKey))
}

function power(base: bigint, exponent: Uint8Array): bigint {
  let result = 1n
  for (const byte of exponent) {
    for (let bit = 0x80; bit > 0; bit >>= 1) {
      result = (result * result) % PRIME
      if ((byte & bit) !== 0) result = (result * base) % PRIME
    }
  }
  return result
}

function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes)}`)
}

function toBytes(number: bigint): Uint8Array {
  return fromHex(number.toString(16).padStart(2 * KEY_LENGTH, '0')) ?? new Uint8Array(KEY_LENGTH)
}
