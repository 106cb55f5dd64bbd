// Most names of files consist of characters that need no thought. They are recognised by a cheap pattern: Unicode properties and
// `Intl.Segmenter` take longer to load than a torrent takes to read and to show.

/** Seen, one column wide, and joined with no neighbour: ASCII, Latin, Greek and Cyrillic letters, quotation marks, dashes, lines of boxes. */
const NARROW =
  '\\x20-\\x7e\\u00a1-\\u00ac\\u00ae-\\u02ff\\u0391-\\u03a1\\u03a3-\\u03ff\\u0400-\\u0482\\u048a-\\u052f\\u1e00-\\u1eff\\u2010-\\u2015\\u2018-\\u201f\\u2026\\u2500-\\u259f'

/** The same, two columns wide: characters of Japanese, Chinese and Korean. All of them are after the narrow ones. */
const WIDE = '\\u3041-\\u3096\\u30a1-\\u30fa\\u30fc\\u4e00-\\u9fff\\uac00-\\ud7a3'
const FIRST_WIDE = 0x3041

/** The characters of plain text, for use within the brackets of a pattern. */
export const PLAIN = NARROW + WIDE

const PLAIN_TEXT = new RegExp(`^[${PLAIN}]*$`)

/** True for text whose every UTF-16 unit is a character that is seen, and joins with none of the others. */
export function isPlain(text: string): boolean {
  return PLAIN_TEXT.test(text)
}

/** Columns that plain text takes in a terminal. */
export function plainWidth(text: string): number {
  let width = text.length
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= FIRST_WIDE) width++
  return width
}
