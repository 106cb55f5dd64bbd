import { CodedError } from '../../base/errors.js'

export type BencodeErrorCode = 'truncated' | 'malformed' | 'too-large' | 'too-deep' | 'too-many-values'

export class BencodeError extends CodedError<BencodeErrorCode, { offset: number; key: string }> {}
