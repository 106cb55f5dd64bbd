/** Bytes as the key of a `Map`: one character each, so the shortest that two equal arrays share. */
export function byteKey(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes)
}

export function bytesOfKey(key: string): Uint8Array {
  return Uint8Array.from(key, character => character.charCodeAt(0))
}
