// A name that every platform and nearly every file system can hold. It stands in for one that the disk cannot hold; earlier
// versions of this program wrote every file under such a name, so what they wrote is found by it.

import { toUtf8 } from '../../../base/bytes.js'
import { FLAG_OR_TAGS, STRAY_JOINER } from '../../../base/printable.js'
import { splitExtension } from '../../../protocol/metainfo/reading/true-names.js'
import { isPlainAscii } from './folding.js'

/** Most file systems end at 255 bytes; the rest is room for what tools append. */
export const MAX_NAME_BYTES = 240

/** Names of this length are shortened before anything else looks at them. */
const MAX_NAME_CHARACTERS = 4_096

/** Separators, what Windows forbids, controls, ends of lines and paragraphs, and what was not UTF-8. */
const FORBIDDEN = /[/\\<>:"|?*\p{Cc}\p{Cs}\u2028\u2029\ufffd]/gu

/** Characters without a shape, and those that turn the direction of writing: `exe.txt` must not hide `txt.exe`. */
const INVISIBLE = /[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g

const STRAY_JOINERS = new RegExp(STRAY_JOINER, 'gu')
const TAGS = new RegExp(FLAG_OR_TAGS, 'gu')

/** Devices of Windows, which no extension makes a file. */
export const RESERVED = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$) *(\.|$)/i

/** A name that can stand on any platform; an ordinary one comes back as it was. */
export function safeName(name: string, maxBytes: number = MAX_NAME_BYTES): string {
  const short = shortened(name).replace(FORBIDDEN, '_')
  const visible = isPlainAscii(short)
    ? short
    : short.replace(INVISIBLE, '').replace(TAGS, '$1').replace(STRAY_JOINERS, '')
  const safe = withoutTrailingDots(visible)
  if (safe === '') return '_'
  return fittedName(RESERVED.test(safe) ? `_${safe}` : safe, maxBytes)
}

/** Shortens the stem of a name so that the name with its extension has at most `maxBytes` bytes. */
export function fittedName(name: string, maxBytes: number = MAX_NAME_BYTES): string {
  // A character takes at most three bytes for each unit of its length.
  if (name.length * 3 <= maxBytes || toUtf8(name).length <= maxBytes) return name
  const [stem, extension] = splitExtension(shortened(name))
  const room = maxBytes - toUtf8(extension).length
  const cut = withoutTrailingDots(cutTo(stem, room) + extension)
  return cut === '' ? '_' : cut
}

/** As many whole characters from the beginning as `bytes` of UTF-8 hold. */
export function cutTo(text: string, bytes: number): string {
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
