import type { Dispatcher } from 'undici'
import { debugLog } from '../../base/log.js'
import { shownUrl } from '../../base/shown-url.js'
import { untilAborted } from '../../base/until-aborted.js'
import { ACCEPTED_CODINGS, BodyProblem, readBody } from './body.js'
import { Deadline, type Patience } from './deadline.js'
import { connectionFailure } from './failures.js'
import { basicAuthorization, type HttpAddress, parseHttpAddress, resolveLocation } from './http-address.js'
import { HttpError, type HttpErrorCode } from './http-error.js'
import { type Route, withSharedAgent } from './shared-agent.js'
import { isSuccess } from './status-reason.js'

const debug = debugLog('discovery')

export interface HttpOptions extends Route {
  /** 30 s for the whole, and as much silence, unless it says otherwise. */
  readonly patience?: Patience | undefined
  /** The most that an answer may hold, as it comes and after inflating: 1 MiB. */
  readonly maxBytes?: number | undefined
  /** True to read the body of an answer with an error status (default: true). */
  readonly readsErrorBodies?: boolean | undefined
  /** The value of the `Accept` header: any type. */
  readonly accept?: string | undefined
  /** Ends the request at once; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** Called with each part of the body: bytes so far, and of how many, as far as that is known. */
  readonly onProgress?: ((received: number, total: number | undefined) => void) | undefined
}

export interface HttpAnswer {
  /** Any but a redirect that was followed; whether an error status is an error is for the caller to say. */
  readonly status: number
  readonly contentType: string
  /** Seconds to wait before the next try, where the server names them. */
  readonly retryAfter: number | undefined
  /** Inflated; empty where it is of no use. */
  readonly body: Uint8Array
}

/** For announces and anything else that is small. */
const DEFAULT_PATIENCE: Patience = { wholeMs: 30_000, silenceMs: 30_000 }

const MAX_BYTES = 2 ** 20
const MAX_REDIRECTS = 5
const REDIRECT_STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/**
 * GETs an `http://` or `https://` address: of trackers, of .torrents. This is no browser: any port will do, the
 * address is sent byte for byte, and a user name and password in it become Basic credentials, which no other origin
 * ever gets. At most 5 redirects are followed, from HTTPS to HTTP as well, as curl does. Certificates are checked.
 * No connection is kept for later.
 * @throws {HttpError} whose `url` is `url`; where `options.signal` was aborted, its reason
 */
export async function httpGet(url: string, options: HttpOptions = {}): Promise<HttpAnswer> {
  const { signal } = options
  signal?.throwIfAborted()
  const address = parseHttpAddress(url)
  if (address === undefined) throw failed(url, 'bad-address', 'not a valid http:// or https:// address')
  const controller = new AbortController()
  const cancel = () => controller.abort()
  let expired: string | undefined
  using deadline = new Deadline(options.patience ?? DEFAULT_PATIENCE, reason => {
    expired = reason
    cancel()
  })
  signal?.addEventListener('abort', cancel)
  try {
    return await withSharedAgent(options, dispatcher =>
      follow({ url, address, options, dispatcher, deadline, signal: controller.signal }),
    )
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof HttpError) throw error
    if (expired !== undefined) throw failed(url, 'timeout', expired, error)
    if (error instanceof BodyProblem) throw failed(url, error.code, error.message, error.cause)
    const { code, reason } = connectionFailure(error)
    throw failed(url, code, reason, error)
  } finally {
    signal?.removeEventListener('abort', cancel)
  }
}

interface Request {
  readonly url: string
  readonly address: HttpAddress
  readonly options: HttpOptions
  readonly dispatcher: Dispatcher
  readonly deadline: Deadline
  readonly signal: AbortSignal
}

async function follow({ url, address, options, dispatcher, deadline, signal }: Request): Promise<HttpAnswer> {
  let current = address
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const request = dispatcher.request({
      method: 'GET',
      origin: current.origin,
      path: current.target,
      headers: headersFor(current, address, options),
      signal,
    })
    // While its connection is still being made it does not hear of the signal itself.
    const response = await untilAborted(request, signal)
    deadline.heard(0)
    const location = headerOf(response, 'location')
    if (!REDIRECT_STATUSES.has(response.statusCode) || !location) {
      return await read(response, options, deadline)
    }
    discard(response)
    const next = resolveLocation(location, current)
    debug('%s redirects to %s', shownUrl(url), shownUrl(next))
    current = redirected(url, next)
  }
  throw failed(url, 'redirect', `it redirects more than ${MAX_REDIRECTS} times`)
}

/** Credentials go to the origin that they were given for. */
function headersFor(current: HttpAddress, first: HttpAddress, { accept = '*/*' }: HttpOptions) {
  const credentials = current.origin === first.origin ? (current.credentials ?? first.credentials) : undefined
  return {
    accept,
    'accept-encoding': ACCEPTED_CODINGS,
    'user-agent': 'torrent',
    ...(credentials !== undefined && { authorization: basicAuthorization(credentials) }),
  }
}

function redirected(url: string, next: string): HttpAddress {
  const address = parseHttpAddress(next)
  if (address !== undefined) return address
  const [, scheme] = /^([a-z][a-z0-9+.-]*:)/i.exec(next) ?? []
  const isWeb = scheme !== undefined && /^https?:$/i.test(scheme)
  throw failed(
    url,
    'redirect',
    isWeb ? 'it redirects to no address' : `it redirects to ${scheme}, not to HTTP`,
  )
}

async function read(
  response: Dispatcher.ResponseData,
  options: HttpOptions,
  deadline: Deadline,
): Promise<HttpAnswer> {
  const { maxBytes = MAX_BYTES, onProgress, readsErrorBodies = true } = options
  const { statusCode: status } = response
  const facts = {
    status,
    contentType: headerOf(response, 'content-type') ?? '',
    retryAfter: wholeNumber(headerOf(response, 'retry-after')),
  }
  if (!readsErrorBodies && !isSuccess(status)) {
    discard(response)
    return { ...facts, body: new Uint8Array() }
  }
  const total = wholeNumber(headerOf(response, 'content-length'))
  let received = 0
  try {
    const body = await readBody(
      response.body,
      headerOf(response, 'content-encoding') ?? '',
      maxBytes,
      count => {
        received += count
        deadline.heard(count)
        onProgress?.(received, total)
      },
    )
    return { ...facts, body }
  } catch (error) {
    discard(response)
    throw error
  }
}

function discard({ body }: Dispatcher.ResponseData): void {
  body.on('error', error => debug('a body that is not read: %s', error)).destroy()
}

function headerOf({ headers }: Dispatcher.ResponseData, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

function failed(url: string, code: HttpErrorCode, reason: string, cause?: unknown): HttpError {
  return new HttpError(code, { url, reason }, { cause })
}
