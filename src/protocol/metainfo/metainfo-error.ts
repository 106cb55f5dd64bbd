import { CodedError } from '../../base/errors.js'

export type MetainfoErrorCode =
  /** Not bencoding, or cut short. */
  | 'malformed'
  /** Over a limit: bytes, depth, values, pieces, path depth. */
  | 'too-large'
  /** A `meta version` that does not exist yet. */
  | 'unsupported-version'
  /** A key that must be there is not. */
  | 'missing-key'
  /** A value of the wrong type or out of range. */
  | 'invalid-value'
  /** Values that contradict each other: sizes and hashes, piece layers and roots, the halves of a hybrid. */
  | 'inconsistent'

/** A fault of a torrent; `key` names the place, as in `info.piece length`, and is empty for the document as a whole. */
export class MetainfoError extends CodedError<MetainfoErrorCode, { key: string }> {
  static at(
    key: string,
    code: MetainfoErrorCode,
    what: string,
    options?: { cause?: unknown },
  ): MetainfoError {
    return new MetainfoError(code, key === '' ? what : `${key}: ${what}`, { key }, options)
  }
}
