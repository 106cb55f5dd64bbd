// BEP 3: info hashes and peer ids travel in a query as raw bytes, percent-encoded one by one (RFC 3986).

const UNRESERVED = new Set(
  [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~'].map(codeOf),
)

const ESCAPED = Array.from({ length: 256 }, (_, byte) =>
  UNRESERVED.has(byte) ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
)

const PERCENT = codeOf('%')

/** Escapes every byte that is not a letter, a digit or one of `-._~`. */
export function percentEncode(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += ESCAPED[byte]
  return text
}

/**
 * The bytes of an escaped text; undefined where an escape is broken or a character is no byte. `+` stands for
 * itself: clients that leave it bare mean the byte, and none writes a space so in an info hash.
 */
export function percentDecode(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(text.length)
  let length = 0
  for (let at = 0; at < text.length; at++) {
    let byte = text.charCodeAt(at)
    if (byte === PERCENT) {
      const high = hexDigit(text.charCodeAt(at + 1))
      const low = hexDigit(text.charCodeAt(at + 2))
      if (high < 0 || low < 0) return undefined
      byte = (high << 4) | low
      at += 2
    }
    if (byte > 0xff) return undefined
    bytes[length++] = byte
  }
  return bytes.slice(0, length)
}

/** The parts of a query, split at `&` and the first `=` of each, still escaped. */
export function* queryPairs(query: string): Iterable<[key: string, value: string]> {
  let start = 0
  while (start < query.length) {
    const ampersand = query.indexOf('&', start)
    const end = ampersand < 0 ? query.length : ampersand
    const pair = query.slice(start, end)
    const equals = pair.indexOf('=')
    if (equals > 0) yield [pair.slice(0, equals), pair.slice(equals + 1)]
    start = end + 1
  }
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30
  const letter = code | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}

function codeOf(character: string): number {
  return character.charCodeAt(0)
}
