// Names from outside, made safe for every file system. Nothing here asks which platform it runs on: the same
// torrent has the same names everywhere, so that its data can be carried from one machine to another.

import { toUtf8 } from '../../../base/bytes.js'

/** Most file systems end at 255 bytes; the rest is room for what tools append. */
export const MAX_NAME_BYTES = 240

const MAX_EXTENSION_BYTES = 16

/** Names of this length are shortened before anything else looks at them. */
const MAX_NAME_CHARACTERS = 4_096

/** Separators, what Windows forbids, controls, ends of lines and paragraphs, and what was not UTF-8. */
const FORBIDDEN = /[/\\<>:"|?*\p{Cc}\p{Cs}\u2028\u2029\ufffd]/gu

/** Characters without a shape, and those that turn the direction of writing: `exe.txt` must not hide `txt.exe`. */
const INVISIBLE = /[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g

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

/** Joiners stay where they make one emoji of several, or stand between letters of scripts that need them. */
const STRAY_JOINER = new RegExp(
  [
    `(?<![\\p{ExtPict}\\p{EMod}\\p{VS}${JOINING_SCRIPTS.map(script => `\\p{scx=${script}}`).join('')}])[\\u200c\\u200d]`,
    '[\\u200c\\u200d](?![\\p{ExtPict}\\p{L}\\p{M}])',
  ].join('|'),
  'gu',
)

/** Tags spell out the flags of regions behind a black flag, and nothing visible elsewhere. */
const TAGS = /(\u{1f3f4}[\u{e0020}-\u{e007f}]+)|[\u{e0000}-\u{e007f}]/gu

/** Devices of Windows, which no extension makes a file. */
const RESERVED = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$) *(\.|$)/i

/** A name that is safe as one component of a path; an ordinary one comes back as it was. */
export function safeName(name: string): string {
  const short = shortened(name).replace(FORBIDDEN, '_')
  const visible = isPlain(short)
    ? short
    : short.replace(INVISIBLE, '').replace(TAGS, '$1').replace(STRAY_JOINER, '')
  const safe = withoutTrailingDots(visible)
  if (safe === '') return '_'
  return fitted(RESERVED.test(safe) ? `_${safe}` : safe)
}

/** What two names share when some file system takes them for the same: case, and how accents are composed. */
export function foldedName(name: string): string {
  if (isPlain(name)) return name.toUpperCase()
  return name
    .normalize('NFC')
    .toUpperCase()
    .normalize('NFC')
    .replace(/[\u200c\u200d]/g, '')
}

/** The names taken in one folder. */
export class NamesInUse {
  readonly #taken = new Set<string>()
  /** The last number given behind a stem, so that many names that are alike cost no more than others. */
  #lastNumbers: Map<string, number> | undefined

  /** Takes a safe name, or where that is gone a numbered one: `name (2).ext`, for a folder `name.ext (2)`. */
  take(name: string, kind: 'file' | 'folder'): string {
    if (this.takeExactly(name)) return name
    const [stem, extension] = kind === 'file' ? splitExtension(name) : [name, '']
    const shortStem = cutTo(stem, MAX_NAME_BYTES - MAX_EXTENSION_BYTES - 12)
    const key = foldedName(`${shortStem}/${extension}`)
    this.#lastNumbers ??= new Map()
    for (let number = (this.#lastNumbers.get(key) ?? 1) + 1; ; number++) {
      const numbered = `${shortStem} (${number})${extension}`
      if (!this.takeExactly(numbered)) continue
      this.#lastNumbers.set(key, number)
      return numbered
    }
  }

  /** Takes a safe name unless it, or one that some file system takes for the same, is gone. */
  takeExactly(name: string): boolean {
    const folded = foldedName(name)
    if (this.#taken.has(folded)) return false
    this.#taken.add(folded)
    return true
  }
}

/** Cuts the stem of a name, so that with its extension it keeps within the limit. */
function fitted(name: string): string {
  // A character takes at most three bytes for each unit of its length.
  if (name.length * 3 <= MAX_NAME_BYTES || toUtf8(name).length <= MAX_NAME_BYTES) return name
  const [stem, extension] = splitExtension(name)
  const room = MAX_NAME_BYTES - toUtf8(extension).length
  return withoutTrailingDots(cutTo(stem, room) + extension)
}

/** An extension is what follows the last dot, when it is short, has no space, and is not the whole name. */
function splitExtension(name: string): [stem: string, extension: string] {
  const dot = name.lastIndexOf('.')
  const extension = name.slice(dot)
  const isExtension = dot > 0 && !extension.includes(' ') && toUtf8(extension).length <= MAX_EXTENSION_BYTES
  return isExtension ? [name.slice(0, dot), extension] : [name, '']
}

/** Printable ASCII, as most names are: what Unicode asks for need not be looked for. */
function isPlain(name: string): boolean {
  return /^[\x20-\x7e]*$/.test(name)
}

/** As many whole characters from the beginning as `bytes` of UTF-8 hold. */
function cutTo(text: string, bytes: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(bytes))
  return text.slice(0, read)
}

/** Windows drops dots and spaces at the end, and `.` and `..` are nothing else. */
function withoutTrailingDots(name: string): string {
  let end = name.length
  while (end > 0 && (name[end - 1] === '.' || name[end - 1] === ' ')) end--
  return name.slice(0, end)
}

function shortened(name: string): string {
  if (name.length <= MAX_NAME_CHARACTERS) return name
  return name.slice(0, MAX_NAME_CHARACTERS / 2) + name.slice(-MAX_NAME_CHARACTERS / 2)
}
