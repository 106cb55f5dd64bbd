import { fromUtf8 } from '../../base/bytes.js'
import { CodedError } from '../../base/errors.js'

/**
 * `not-bencoded`: no bencoded dictionary at all; `missing` and `malformed`: a key (a fact of the error) that has
 * to be there, or holds what it must not; `too-long`: more than a message may hold.
 */
export type TrackerMessageErrorCode = 'not-bencoded' | 'missing' | 'malformed' | 'too-long'

/** A request to a tracker or an answer of one that cannot be understood. */
export class TrackerMessageError extends CodedError<TrackerMessageErrorCode, { key: string }> {}

const MAX_NOTICE_CHARACTERS = 300

/**
 * A tracker's message to people, fit for one line of a terminal: no control, direction or zero-width
 * character survives, and what is very long is cut.
 */
export function noticeText(bytes: Uint8Array): string {
  const text = fromUtf8(bytes.subarray(0, 4 * MAX_NOTICE_CHARACTERS))
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replace(/[\p{Cf}\p{Co}\p{Cs}]/gu, '')
    .trim()
  return text.length > MAX_NOTICE_CHARACTERS ? `${text.slice(0, MAX_NOTICE_CHARACTERS)}…` : text
}
