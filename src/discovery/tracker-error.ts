import { CodedError } from '../base/errors.js'
import { shownUrl } from '../base/shown-url.js'
import type { RetryIn } from '../protocol/tracker/announce-response.js'

/**
 * `unreachable`: no connection, or it broke; `timeout`; `tls`: no trust or no common language; `http-status`: an
 * error page; `redirect`: it leads nowhere; `too-large`; `malformed`: an answer, but not a tracker's; `failure`: the tracker
 * refuses, in its own words; `unsupported-scheme`: nothing that can be asked; `no-udp-port`: this machine has no UDP port for us.
 */
export type TrackerErrorCode =
  | 'unreachable'
  | 'timeout'
  | 'tls'
  | 'http-status'
  | 'redirect'
  | 'too-large'
  | 'malformed'
  | 'failure'
  | 'unsupported-scheme'
  | 'no-udp-port'

export interface TrackerErrorFacts {
  /** The tracker as it stands in the torrent. */
  readonly url: string
  /** The reason in plain words, without the address. */
  readonly reason: string
  /** When the tracker wants to be asked again (BEP 31). */
  readonly retryIn?: RetryIn | undefined
}

/** An announce or a scrape that did not succeed. `message` is one line without secrets: the address and the reason. */
export class TrackerError extends CodedError<TrackerErrorCode, TrackerErrorFacts> {
  constructor(code: TrackerErrorCode, facts: TrackerErrorFacts, options?: { cause?: unknown }) {
    super(code, `${shownUrl(facts.url)}: ${facts.reason}`, facts, options)
  }
}
