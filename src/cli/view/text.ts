// The width of text in a terminal.

import { isPlain, plainWidth } from '../../base/plain-text.js'
import { formatCount } from '../values/units.js'

// East Asian Wide and Fullwidth (UAX #11), and emoji that show as pictures by themselves.
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{17000}-\u{18cff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u
const INVISIBLE = /^[\p{Mn}\p{Me}\p{Cf}]+$/u

/** Made for the first text that needs it: it takes longer than to read and to show a torrent. */
let graphemes: Intl.Segmenter | undefined

/** Columns that a text without control characters takes. */
export function widthOf(text: string): number {
  if (isPlain(text)) return plainWidth(text)
  let width = 0
  for (const { segment } of graphemesOf(text)) width += graphemeWidth(segment)
  return width
}

/** Cuts a text to `columns` columns, with `…` in place of the rest, never inside a character. */
export function cutTo(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  if (columns < 1) return ''
  return `${isPlain(text) ? plainStart(text, columns - 1) : graphemeStart(text, columns - 1)}…`
}

/** Cuts a text, or pads it with spaces at its end, to exactly `columns` columns. */
export function fitTo(text: string, columns: number): string {
  const cut = cutTo(text, columns)
  return cut + ' '.repeat(Math.max(0, columns - widthOf(cut)))
}

/** `1 file`, `2 files`, `10,000 files`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}

function plainStart(text: string, columns: number): string {
  let end = 0
  for (let width = 0; end < text.length; end++) {
    width += plainWidth(text.charAt(end))
    if (width > columns) break
  }
  return text.slice(0, end)
}

function graphemeStart(text: string, columns: number): string {
  let start = ''
  let width = 0
  for (const { segment } of graphemesOf(text)) {
    width += graphemeWidth(segment)
    if (width > columns) break
    start += segment
  }
  return start
}

function graphemesOf(text: string): Iterable<{ readonly segment: string }> {
  graphemes ??= new Intl.Segmenter()
  return graphemes.segment(text)
}

function graphemeWidth(grapheme: string): number {
  if (INVISIBLE.test(grapheme)) return 0
  return WIDE.test(grapheme) ? 2 : 1
}
