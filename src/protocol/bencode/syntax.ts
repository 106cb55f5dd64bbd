// BEP 3: the bytes that bencoding is made of.

import { toHex } from '../../base/bytes.js'

export const MINUS = 0x2d
export const ZERO = 0x30
const NINE = 0x39
export const COLON = 0x3a
export const DICTIONARY = 0x64
export const END = 0x65
export const INTEGER = 0x69
export const LIST = 0x6c

export function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE
}

// One character a byte, so that keys which differ stay different.
const latin1Decoder = new TextDecoder('latin1')

function latin1(bytes: Uint8Array): string {
  return latin1Decoder.decode(bytes)
}

/** A key as it can be shown on one line: text where it is printable ASCII, else hexadecimal. */
export function printableKey(key: Uint8Array): string {
  const text = latin1(key.subarray(0, 64))
  return /^[\x20-\x7e]*$/.test(text) ? text : `0x${toHex(key.subarray(0, 32))}`
}
