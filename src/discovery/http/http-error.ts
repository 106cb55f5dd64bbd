import { CodedError } from '../../base/errors.js'
import { shownUrl } from '../../base/shown-url.js'

/**
 * `bad-address`: nothing that can be asked over HTTP; `unreachable`: no connection, or it broke; `timeout`; `tls`: no
 * trust or no common language; `redirect`: in a circle, to nowhere, or out of the web; `too-large`; `malformed`: an
 * answer that is not valid HTTP, or cannot be inflated.
 */
export type HttpErrorCode =
  | 'bad-address'
  | 'unreachable'
  | 'timeout'
  | 'tls'
  | 'redirect'
  | 'too-large'
  | 'malformed'

export interface HttpErrorFacts {
  /** As it was asked for, secrets included: not to be printed. */
  readonly url: string
  /** The reason in plain words, without the address. */
  readonly reason: string
}

/** A request that brought no answer. An error status is an answer. `message` is one line without secrets. */
export class HttpError extends CodedError<HttpErrorCode, HttpErrorFacts> {
  constructor(code: HttpErrorCode, facts: HttpErrorFacts, options?: { cause?: unknown }) {
    super(code, `${shownUrl(facts.url)}: ${facts.reason}`, facts, options)
  }
}
