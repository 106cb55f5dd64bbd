import { CodedError } from '../base/errors.js'

interface DataFacts {
  /** It was to be seeded, and something is missing or wrong. `path`: of the content. */
  readonly incomplete: { readonly path: string; readonly badPieces: number }
  /** All pieces are right, and a whole file is not what the torrent states. */
  readonly checksum: { readonly path: string }
}

export type DataErrorCode = keyof DataFacts

/** The data is not what the torrent says. */
export class DataError<Code extends DataErrorCode = DataErrorCode> extends CodedError<
  Code,
  DataFacts[Code]
> {}
