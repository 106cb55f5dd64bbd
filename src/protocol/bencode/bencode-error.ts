import { CodedError } from '../../base/errors.js'

export type BencodeErrorCode =
  | 'truncated'
  | 'malformed'
  | 'trailing-bytes'
  | 'too-large'
  | 'too-deep'
  | 'too-many-values'
  | 'duplicate-key'
  | 'integer-range'

export class BencodeError extends CodedError<BencodeErrorCode, { offset: number; key: string }> {}
