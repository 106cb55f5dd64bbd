import { CodedError } from '../../base/errors.js'
import { shownUrl } from '../../base/shown-url.js'
import type { HttpErrorCode } from '../../discovery/http/http-error.js'

export type SourceErrorCode =
  | 'not-found'
  | 'unreadable'
  | 'too-large'
  /** A web server answered with an error status. */
  | 'http-status'
  /** There was no answer, or none that can be read. */
  | HttpErrorCode
  /** A page for a browser in place of a .torrent. */
  | 'web-page'
  /** Something else than a .torrent. */
  | 'no-torrent'
  /** A .torrent with something wrong in it; the message names the key. */
  | 'bad-torrent'
  /** A magnet link where only a .torrent will do. */
  | 'magnet'

/** A `<source>` of the command line that could not be loaded. `message` is one line without secrets. */
export class SourceError extends CodedError<SourceErrorCode, { source: string }> {}

/** True if a `<source>` is the address of a .torrent on the web. */
export function isWebAddress(source: string): boolean {
  return /^https?:\/\//i.test(source)
}

/** A `<source>` as messages name it: an address without its secrets. */
export function sourceName(source: string): string {
  if (source === '-') return 'standard input'
  return isWebAddress(source) ? shownUrl(source) : source
}
