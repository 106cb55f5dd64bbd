import { shownUrl } from '../../base/shown-url.js'
import { parseHttpAddress } from '../../discovery/http/http-address.js'
import { HttpError } from '../../discovery/http/http-error.js'
import { isSuccess, looksLikeHtml, statusReason } from '../../discovery/http/status-reason.js'
import { SourceError } from './source-error.js'

export interface WebOptions {
  readonly signal?: AbortSignal | undefined
  /** The longest silence of the server, in milliseconds: 30 s. */
  readonly timeoutMs?: number | undefined
  readonly maxBytes: number
  /** Called with each part that comes: bytes so far. */
  readonly onProgress?: ((received: number) => void) | undefined
}

const SILENCE_MS = 30_000
const WHOLE_MS = 600_000
const LEAST_BYTES_PER_SECOND = 4096

/**
 * Fetches a .torrent from the web: within 10 minutes, at 4 KiB/s or more, with no silence longer than `timeoutMs`.
 * @throws {SourceError}; where `signal` was aborted, its reason
 */
export async function download(url: string, options: WebOptions): Promise<Uint8Array> {
  const { signal, timeoutMs = SILENCE_MS, maxBytes, onProgress } = options
  // Loaded only here: it takes longer than to read and to show a torrent.
  const { httpGet } = await import('../../discovery/http/http-get.js')
  try {
    const answer = await httpGet(url, {
      signal,
      maxBytes,
      onProgress,
      readsErrorBodies: false,
      accept: 'application/x-bittorrent, */*;q=0.1',
      patience: {
        wholeMs: WHOLE_MS,
        silenceMs: timeoutMs,
        leastRate: { bytesPerSecond: LEAST_BYTES_PER_SECOND, graceMs: timeoutMs },
      },
    })
    const { status, body, contentType } = answer
    if (!isSuccess(status)) {
      const reason = statusReason(status, parseHttpAddress(url)?.credentials !== undefined)
      throw failed('http-status', url, `the server ${reason}`)
    }
    if (looksLikeHtml(body, contentType)) {
      const what =
        'this is a web page, not a .torrent: open it in a browser, and take the address of its download link'
      throw failed('web-page', url, what)
    }
    return body
  } catch (error) {
    if (!(error instanceof HttpError)) throw error
    throw failed(error.code, url, error.facts.reason, error)
  }
}

function failed(code: SourceError['code'], url: string, reason: string, cause?: unknown): SourceError {
  return new SourceError(code, `${shownUrl(url)}: ${reason}`, { source: url }, { cause })
}
