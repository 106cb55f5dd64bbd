import { CodedError } from '../base/errors.js'

export type DataErrorCode = 'incomplete' | 'checksum'

/** The data is not what the torrent says. */
export class DataError extends CodedError<DataErrorCode, { path: string; badPieces?: number }> {}
