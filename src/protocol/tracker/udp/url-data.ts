// BEP 41: options behind an announce to a UDP tracker; the one that is defined tells path and query of its URL.

const URL_DATA = 2
const MAX_OPTION_BYTES = 255

/** The longest path and query that are sent: with them an announce still fits into one packet of any network. */
export const MAX_URL_DATA = 4 * MAX_OPTION_BYTES

/**
 * The options for a path and query in ASCII; what is longer than one option holds goes into several, which the tracker joins. Nothing for
 * an empty text.
 */
export function encodeUrlData(text: string): Uint8Array {
  const data = new TextEncoder().encode(text)
  const options = new Uint8Array(data.length + 2 * Math.ceil(data.length / MAX_OPTION_BYTES))
  for (let from = 0, at = 0; from < data.length; from += MAX_OPTION_BYTES) {
    const part = data.subarray(from, from + MAX_OPTION_BYTES)
    options.set([URL_DATA, part.length], at)
    options.set(part, at + 2)
    at += 2 + part.length
  }
  return options
}
