// Text from outside, made harmless to look at: nothing in it moves the cursor, turns the direction of writing, or is there
// without being seen. Every text for people goes through here; data does not.

import { isPlain, PLAIN } from './plain-text.js'

const JOINING_SCRIPTS = [
  'Arab',
  'Deva',
  'Beng',
  'Guru',
  'Gujr',
  'Orya',
  'Taml',
  'Telu',
  'Knda',
  'Mlym',
  'Sinh',
]

/** Joiners that neither make one emoji of several nor stand between letters of scripts that need them. */
export const STRAY_JOINER = [
  `(?<![\\p{ExtPict}\\p{EMod}\\p{VS}${JOINING_SCRIPTS.map(script => `\\p{scx=${script}}`).join('')}])[\\u200c\\u200d]`,
  '[\\u200c\\u200d](?![\\p{ExtPict}\\p{L}\\p{M}])',
].join('|')

/** Tags spell out the flags of regions behind a black flag, and nothing visible elsewhere. */
export const FLAG_OR_TAGS = '(\\u{1f3f4}[\\u{e0020}-\\u{e007f}]+)|[\\u{e0000}-\\u{e007f}]'

/** Controls, ends of lines and paragraphs, bidi controls, characters without a shape, halves of characters. */
const HOSTILE = [
  '\\p{Cc}',
  '\\p{Cs}',
  '[\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u206f]',
  '[\\u3164\\ufeff\\uffa0\\ufff0-\\ufffb\\u{1bca0}-\\u{1bca3}\\u{1d173}-\\u{1d17a}]',
].join('|')

/** The first group is what may stay. */
const escaped = onFirstUse(() => new RegExp(`${FLAG_OR_TAGS}|${HOSTILE}|${STRAY_JOINER}`, 'gu'))

/** As above, but ends of lines may stay, and with the second one what colours a terminal, too. */
const escapedInLines = onFirstUse(() => linesPattern('\\n'))
const escapedInColouredLines = onFirstUse(() => linesPattern('\\n|\\u001b\\[[\\d;]*m'))

/** Found in lines that are not plain, with ends of lines and, in the second one, colours. */
const ODD_IN_LINES = new RegExp(`[^\\n${PLAIN}]`)
const ESC = '\\u001b'
const ODD_IN_COLOURED_LINES = new RegExp(`${ESC}(?!\\[[\\d;]*m)|[^\\n${ESC}${PLAIN}]`)

/** To parse these patterns takes milliseconds, and most texts are plain and never need them. */
function onFirstUse(pattern: () => RegExp): () => RegExp {
  let made: RegExp | undefined
  return () => {
    made ??= pattern()
    return made
  }
}

function linesPattern(kept: string): RegExp {
  const flag = '\\u{1f3f4}[\\u{e0020}-\\u{e007f}]+'
  return new RegExp(`(${flag}|${kept})|[\\u{e0000}-\\u{e007f}]|${HOSTILE}|${STRAY_JOINER}`, 'gu')
}

/** One harmless line: what is hostile stands there as `\n`, `\x1b` or `\u202e`. */
export function printable(text: string): string {
  if (isPlain(text)) return text
  return text.replace(escaped(), (found, kept: string | undefined) => kept ?? escapeOf(found))
}

/** Lines that are put together already: of what is hostile only ends of lines are left in them, and colours where they are wanted. */
export function printableLines(text: string, hasColours: boolean): string {
  if (!(hasColours ? ODD_IN_COLOURED_LINES : ODD_IN_LINES).test(text)) return text
  return text.replace(
    hasColours ? escapedInColouredLines() : escapedInLines(),
    (found, kept: string | undefined) => kept ?? escapeOf(found),
  )
}

/** JSON that means the same, with `\u` escapes for what is hostile. */
export function printableJson(json: string): string {
  if (isPlain(json)) return json
  return json.replace(escaped(), (found, kept: string | undefined) => kept ?? unitEscapes(found))
}

function escapeOf(character: string): string {
  if (character === '\n') return '\\n'
  if (character === '\t') return '\\t'
  const code = character.codePointAt(0) ?? 0
  if (code < 0x100) return `\\x${hex(code, 2)}`
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\u{${hex(code, 5)}}`
}

function unitEscapes(character: string): string {
  let escapes = ''
  for (let i = 0; i < character.length; i++) escapes += `\\u${hex(character.charCodeAt(i), 4)}`
  return escapes
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0')
}
