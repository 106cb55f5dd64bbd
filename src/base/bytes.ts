const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

const utf8Encoder = new TextEncoder()
const utf8Decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  const parts = new Array<string | undefined>(bytes.length)
  for (let i = 0; i < bytes.length; i++) parts[i] = HEX[bytes[i] ?? 0]
  // In one go: a text that grows is kept as a chain of its parts, which takes more memory than itself.
  return parts.join('')
}

/** The bytes of a hexadecimal text of even length, or undefined where it is not one. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) return undefined
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16)
  return bytes
}

export function toUtf8(text: string): Uint8Array {
  return utf8Encoder.encode(text)
}

/** Decodes UTF-8; bytes that are not become U+FFFD. */
export function fromUtf8(bytes: Uint8Array): string {
  return utf8Decoder.decode(bytes)
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** Order of raw bytes, a shorter prefix first: negative, zero or positive, as for `Array.prototype.sort`. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const common = Math.min(a.length, b.length)
  for (let i = 0; i < common; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** As `compareBytes` of the texts in UTF-8, without encoding them. */
export function compareAsUtf8(a: string, b: string): number {
  const common = Math.min(a.length, b.length)
  for (let i = 0; i < common; i++) {
    const unit = a.charCodeAt(i)
    const other = b.charCodeAt(i)
    // Surrogates stand for what comes behind all other characters, and are numbered before the last of them.
    if (unit !== other) return rankOf(unit) - rankOf(other)
  }
  return a.length - b.length
}

function rankOf(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const joined = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}
