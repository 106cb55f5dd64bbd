// BEP 3, 48: one announce to or scrape of a tracker over HTTP or HTTPS.

import { STATUS_CODES } from 'node:http'
import { reasonOf } from '../base/errors.js'
import { type AnnounceRequest, announceUrl } from '../protocol/tracker/announce-request.js'
import {
  type AnnounceSuccess,
  decodeAnnounceResponse,
  type TrackerFailure,
} from '../protocol/tracker/announce-response.js'
import { TrackerMessageError } from '../protocol/tracker/message-error.js'
import { decodeScrapeResponse, type SwarmCounts, scrapeUrl } from '../protocol/tracker/scrape.js'
import { type HttpAnswer, type HttpOptions, httpGet } from './http-get.js'
import { TrackerError, type TrackerErrorCode } from './tracker-error.js'

/**
 * Tells the tracker at `url` about us and gives its answer.
 * @throws {TrackerError}; where `options.signal` was aborted, its reason
 */
export async function announceOverHttp(
  url: string,
  request: AnnounceRequest,
  options: HttpOptions = {},
): Promise<AnnounceSuccess> {
  const answer = await httpGet(announceUrl(url, request), url, options)
  return interpret(url, answer, decodeAnnounceResponse)
}

/**
 * Asks the tracker at `url` (its announce address) about swarms: one answer for each info hash in order, undefined
 * where it knows none (BEP 48).
 * @throws {TrackerError}; where `options.signal` was aborted, its reason
 */
export async function scrapeOverHttp(
  url: string,
  infoHashes: readonly Uint8Array[],
  options: HttpOptions = {},
): Promise<readonly (SwarmCounts | undefined)[]> {
  const address = scrapeUrl(url, infoHashes)
  if (address === undefined) {
    throw new TrackerError('unsupported-scheme', { url, reason: 'this tracker cannot be scraped' })
  }
  const answer = await httpGet(address, url, options)
  return interpret(url, answer, body => decodeScrapeResponse(body, infoHashes)).swarms
}

/** An error page may still be a tracker's refusal in bencoding, which says more than its status. */
function interpret<Success extends { type: 'success' }>(
  url: string,
  answer: HttpAnswer,
  decode: (body: Uint8Array) => Success | TrackerFailure,
): Success {
  const isError = answer.status < 200 || answer.status > 299
  let decoded: Success | TrackerFailure
  try {
    decoded = decode(answer.body)
  } catch (cause) {
    if (!(cause instanceof TrackerMessageError)) throw cause
    const [code, reason]: [TrackerErrorCode, string] = isError
      ? ['http-status', statusReason(answer.status)]
      : ['malformed', malformedReason(answer, cause)]
    throw new TrackerError(code, { url, reason }, { cause })
  }
  if (decoded.type === 'failure') {
    const { reason, retryIn } = decoded
    throw new TrackerError('failure', { url, reason: `refused: ${reason || 'no reason given'}`, retryIn })
  }
  if (isError) throw new TrackerError('http-status', { url, reason: statusReason(answer.status) })
  return decoded
}

function statusReason(status: number): string {
  return `answered ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd()
}

function malformedReason({ body, contentType }: HttpAnswer, error: TrackerMessageError): string {
  if (body.length === 0) return 'answered nothing'
  if (error.code !== 'not-bencoded') return `answered what a tracker does not: ${reasonOf(error)}`
  return looksLikeHtml(body, contentType)
    ? "answered HTML, not a tracker's reply"
    : "answered something that is not a tracker's reply"
}

function looksLikeHtml(body: Uint8Array, contentType: string): boolean {
  const first = body.find(byte => byte > 0x20)
  return contentType.startsWith('text/html') || first === 0x3c
}
