// BEP 54: `lt_donthave`, which takes back a `have`.

import { uint32 } from './dispatch.js'

const LENGTH = 4

export function encodeDontHave(piece: number): Uint8Array {
  return Uint8Array.of(piece >>> 24, piece >>> 16, piece >>> 8, piece)
}

/** The piece that the sender has lost, which may be any number; undefined where the message is too short. */
export function decodeDontHave(payload: Uint8Array): number | undefined {
  return payload.length >= LENGTH ? uint32(payload, 0) : undefined
}
