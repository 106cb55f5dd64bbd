// BEP 3, 48: one announce to a tracker or one scrape of it over HTTP or HTTPS.

import { reasonOf } from '../base/errors.js'
import { type AnnounceRequest, announceUrl } from '../protocol/tracker/announce-request.js'
import {
  type AnnounceSuccess,
  decodeAnnounceResponse,
  type TrackerFailure,
} from '../protocol/tracker/announce-response.js'
import { TrackerMessageError } from '../protocol/tracker/message-error.js'
import { decodeScrapeResponse, type ScrapedSwarm, scrapeUrl } from '../protocol/tracker/scrape-response.js'
import { parseHttpAddress } from './http/http-address.js'
import { HttpError, type HttpErrorCode } from './http/http-error.js'
import type { HttpAnswer, HttpOptions } from './http/http-get.js'
import { isSuccess, looksLikeHtml, statusReason } from './http/status-reason.js'
import { TrackerError, type TrackerErrorCode } from './tracker-error.js'

export interface TrackerOptions
  extends Pick<HttpOptions, 'connectTimeoutMs' | 'bind' | 'family' | 'ca' | 'signal'> {
  /** For the whole, redirects included: 30 s. */
  readonly timeoutMs?: number | undefined
}

const TIMEOUT_MS = 30_000

/** The most that an answer may hold after inflating. */
const MAX_ANSWER_BYTES = 2 ** 20

/**
 * Tells the tracker at `url` about us and gives its answer.
 * @throws {TrackerError}; where `options.signal` was aborted, its reason
 */
export async function announceOverHttp(
  url: string,
  request: AnnounceRequest,
  options: TrackerOptions = {},
): Promise<AnnounceSuccess> {
  const answer = await ask(url, announceUrl(url, request), options)
  return interpret(url, answer, decodeAnnounceResponse)
}

/**
 * Asks the tracker at `url` (its announce address) about swarms, by info hashes of 20 bytes: one answer for each in order,
 * undefined where it knows none.
 * @throws {TrackerError}; where `options.signal` was aborted, its reason
 */
export async function scrapeOverHttp(
  url: string,
  infoHashes: readonly Uint8Array[],
  options: TrackerOptions = {},
): Promise<readonly (ScrapedSwarm | undefined)[]> {
  const address = scrapeUrl(url, infoHashes)
  if (address === undefined) {
    assertHttp(url)
    throw unsupported(url, 'this tracker cannot be scraped: its path does not end with `announce`')
  }
  const answer = await ask(url, address, options)
  return interpret(url, answer, body => decodeScrapeResponse(body, infoHashes)).swarms
}

/** GETs `address` of the tracker that is known as `url`. */
async function ask(url: string, address: string, options: TrackerOptions): Promise<HttpAnswer> {
  assertHttp(url)
  const { timeoutMs = TIMEOUT_MS, ...route } = options
  const patience = { wholeMs: timeoutMs, silenceMs: timeoutMs }
  // Loaded here: most of what a program reads to start would be the HTTP client, which a torrent without such trackers does not use.
  const { httpGet } = await import('./http/http-get.js')
  try {
    return await httpGet(address, { ...route, patience, maxBytes: MAX_ANSWER_BYTES })
  } catch (error) {
    if (!(error instanceof HttpError)) throw error
    const facts = { url, reason: error.facts.reason }
    throw new TrackerError(trackerCode(error.code), facts, { cause: error.cause ?? error })
  }
}

function trackerCode(code: HttpErrorCode): TrackerErrorCode {
  return code === 'bad-address' ? 'unsupported-scheme' : code
}

/** @throws {TrackerError} where nothing can be asked at this address */
function assertHttp(url: string): void {
  const [, scheme = ''] = /^([a-z][a-z0-9+.-]*:)/i.exec(url.trim()) ?? []
  switch (scheme.toLowerCase()) {
    case 'http:':
    case 'https:':
      if (parseHttpAddress(url) === undefined) throw unsupported(url, 'not an address of a tracker')
      return
    case 'ws:':
    case 'wss:':
      throw unsupported(url, 'WebSocket trackers are for browsers only')
    case '':
      throw unsupported(url, 'not an address of a tracker')
    default:
      throw unsupported(url, `trackers of the kind ${scheme} are not supported`)
  }
}

function unsupported(url: string, reason: string): TrackerError {
  return new TrackerError('unsupported-scheme', { url, reason })
}

const SECONDS_A_MINUTE = 60

/** A server that is busy may say for how long (RFC 9110, 10.2.3); BEP 31 counts in minutes. */
function statusError(url: string, answer: HttpAnswer, cause?: unknown): TrackerError {
  const { status, retryAfter = 0 } = answer
  const reason = statusReason(status, parseHttpAddress(url)?.credentials !== undefined)
  const retryIn = retryAfter > 0 ? Math.ceil(retryAfter / SECONDS_A_MINUTE) : undefined
  return new TrackerError('http-status', { url, reason, retryIn }, { cause })
}

/** An error page may still be a tracker's refusal in bencoding, which says more than its status. */
function interpret<Success extends { readonly type: 'success' }>(
  url: string,
  answer: HttpAnswer,
  decode: (body: Uint8Array) => Success | TrackerFailure,
): Success {
  const isError = !isSuccess(answer.status)
  let decoded: Success | TrackerFailure
  try {
    decoded = decode(answer.body)
  } catch (cause) {
    if (!(cause instanceof TrackerMessageError)) throw cause
    if (isError) throw statusError(url, answer, cause)
    throw new TrackerError('malformed', { url, reason: malformedReason(answer, cause) }, { cause })
  }
  if (decoded.type === 'failure') {
    const { reason, retryIn } = decoded
    throw new TrackerError('failure', { url, reason: `refused: ${reason || 'no reason given'}`, retryIn })
  }
  if (isError) throw statusError(url, answer)
  return decoded
}

function malformedReason({ body, contentType }: HttpAnswer, error: TrackerMessageError): string {
  if (body.length === 0) return 'answered nothing'
  if (error.code !== 'not-bencoded') return `answered what a tracker does not: ${reasonOf(error)}`
  return looksLikeHtml(body, contentType)
    ? "answered HTML, not a tracker's reply"
    : "answered something that is not a tracker's reply"
}
