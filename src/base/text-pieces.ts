// Text from outside may be as long as a .torrent: it is decoded only as far as someone reads it.

import { fromUtf8 } from './bytes.js'

const PIECE_BYTES = 2 ** 16

/** The beginning of UTF-8, at most `maxBytes` long, without a character that would be cut. */
export function textStart(bytes: Uint8Array, maxBytes: number): string {
  return fromUtf8(startOf(bytes, maxBytes))
}

/** All of a UTF-8 text in pieces of some 64 KiB, no character of which is cut; bytes that are none become U+FFFD. */
export function* textPieces(bytes: Uint8Array): Generator<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    const end = at + PIECE_BYTES
    yield decoder.decode(bytes.subarray(at, end), { stream: end < bytes.length })
  }
}

/** Cuts before the character that does not fit; what is no UTF-8 is cut anywhere. */
function startOf(bytes: Uint8Array, maxBytes: number): Uint8Array {
  if (bytes.length <= maxBytes) return bytes
  let end = maxBytes
  while (end > maxBytes - 4 && isContinuation(bytes[end])) end--
  return bytes.subarray(0, isContinuation(bytes[end]) ? maxBytes : end)
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80
}

/** The beginning of a text, at most `maxUnits` UTF-16 code units long, with `…` in place of the rest. No character is cut. */
export function cutForPeople(text: string, maxUnits: number): string {
  return text.length <= maxUnits ? text : `${head(text, maxUnits - 1)}…`
}

/** As `cutForPeople`, where both ends of a text say something: it is the middle that is left out. */
export function cutInMiddle(text: string, maxUnits: number): string {
  if (text.length <= maxUnits) return text
  const half = Math.floor((maxUnits - 1) / 2)
  const tail = text.slice(-half)
  return `${head(text, half)}…${isLowHalf(tail.charCodeAt(0)) ? tail.slice(1) : tail}`
}

function head(text: string, units: number): string {
  return text.slice(0, isLowHalf(text.charCodeAt(units)) ? units - 1 : units)
}

/** True for a low surrogate. */
function isLowHalf(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000
}
