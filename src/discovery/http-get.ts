import { isIP } from 'node:net'
import { pipeline, type Readable, type Transform } from 'node:stream'
import { createGunzip, createInflate } from 'node:zlib'
import { type Dispatcher, request } from 'undici'
import { concatBytes } from '../base/bytes.js'
import { debugLog } from '../base/log.js'
import { connectionFailure } from './connection-failure.js'
import { withSharedAgent } from './shared-agent.js'
import { TrackerError, type TrackerErrorCode } from './tracker-error.js'

const debug = debugLog('discovery')

export interface HttpOptions {
  /** Until a connection stands, the handshake of TLS included: 10 s. */
  readonly connectTimeoutMs?: number | undefined
  /** For the whole, redirects included: 30 s. */
  readonly timeoutMs?: number | undefined
  /** The local address to connect from; `0.0.0.0` is any of IPv4, `::` any at all. */
  readonly bind?: string | undefined
  /** Connects over one address family only. */
  readonly family?: 4 | 6 | undefined
  /** The certificates to trust (PEM) in place of those that Node.js trusts. */
  readonly ca?: string | undefined
  /** Ends the request at once; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

export interface HttpAnswer {
  readonly status: number
  readonly contentType: string
  /** Inflated. */
  readonly body: Uint8Array
}

/** The most an answer may hold after inflating. */
const MAX_BODY_BYTES = 2 ** 20

const MAX_REDIRECTS = 5
const CONNECT_TIMEOUT_MS = 10_000
const TIMEOUT_MS = 30_000
const REDIRECT_STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/**
 * GETs `url` for the tracker `tracker`. No connection is kept for later: announces are many minutes apart. Follows at
 * most 5 redirects, checks certificates, and never holds more than `MAX_BODY_BYTES`.
 * @throws {TrackerError} whose `url` is `tracker`
 */
export async function httpGet(url: string, tracker: string, options: HttpOptions): Promise<HttpAnswer> {
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS
  const controller = new AbortController()
  const deadline = setTimeout(() => controller.abort(), timeoutMs)
  const cancel = () => controller.abort()
  options.signal?.addEventListener('abort', cancel)
  try {
    options.signal?.throwIfAborted()
    return await withSharedAgent(agentOptions(options), agent =>
      follow(url, tracker, agent, controller.signal),
    )
  } catch (error) {
    options.signal?.throwIfAborted()
    if (error instanceof TrackerError) throw error
    if (controller.signal.aborted) {
      throw failed(tracker, 'timeout', `no answer within ${timeoutMs / 1000} s`, error)
    }
    const { code, reason } = connectionFailure(error)
    throw failed(tracker, code, reason, error)
  } finally {
    clearTimeout(deadline)
    options.signal?.removeEventListener('abort', cancel)
  }
}

function agentOptions({ connectTimeoutMs, bind, family, ca }: HttpOptions) {
  const localAddress = bind === '::' || bind === '0.0.0.0' ? undefined : bind
  const onlyFamily = bind === undefined || bind === '::' ? family : isIP(bind)
  return {
    // Not one of `connect`, where it is overwritten.
    ...(localAddress !== undefined && { localAddress }),
    connect: {
      timeout: connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
      ...(onlyFamily !== undefined && { family: onlyFamily }),
      ...(ca !== undefined && { ca }),
    },
  }
}

async function follow(
  url: string,
  tracker: string,
  dispatcher: Dispatcher,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  const { origin } = parseHttpUrl(url, tracker)
  let next = url
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const target = parseHttpUrl(next, tracker)
    const headers = {
      accept: '*/*',
      'accept-encoding': 'gzip',
      'user-agent': 'torrent',
      ...(target.origin === origin && authorization(target)),
    }
    const response = await request(target, { dispatcher, signal, headers })
    const location = headerOf(response, 'location')
    if (!REDIRECT_STATUSES.has(response.statusCode) || location === undefined) {
      return await readAnswer(response, tracker)
    }
    response.body.on('error', error => debug('the body of a redirect: %s', error)).destroy()
    if (!URL.canParse(location, target.href)) throw failed(tracker, 'malformed', 'it redirects to no address')
    next = new URL(location, target).href
  }
  throw failed(tracker, 'redirect-loop', `it redirects more than ${MAX_REDIRECTS} times`)
}

function parseHttpUrl(url: string, tracker: string): URL {
  if (!URL.canParse(url)) throw failed(tracker, 'unsupported-scheme', 'not an address of a tracker')
  const parsed = new URL(url)
  switch (parsed.protocol) {
    case 'http:':
    case 'https:':
      return parsed
    case 'udp:':
      throw failed(tracker, 'unsupported-scheme', 'UDP trackers are not supported by this version')
    case 'ws:':
    case 'wss:':
      throw failed(tracker, 'unsupported-scheme', 'WebSocket trackers are for browsers only')
    default:
      throw failed(tracker, 'unsupported-scheme', `trackers of the kind ${parsed.protocol} are not supported`)
  }
}

/** Name and password that stand in the address, as browsers send them. */
function authorization({ username, password }: URL): { authorization: string } | undefined {
  if (username === '' && password === '') return undefined
  const pair = `${unescaped(username)}:${unescaped(password)}`
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}

/** A `%` that escapes nothing stands for itself. */
function unescaped(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, run => Buffer.from(run.replaceAll('%', ''), 'hex').toString())
}

async function readAnswer(response: Dispatcher.ResponseData, tracker: string): Promise<HttpAnswer> {
  const body = inflated(response, tracker)
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    if (!(chunk instanceof Uint8Array)) continue
    length += chunk.length
    if (length > MAX_BODY_BYTES) throw failed(tracker, 'too-large', 'its answer is larger than 1 MiB')
    chunks.push(chunk)
  }
  return {
    status: response.statusCode,
    contentType: headerOf(response, 'content-type') ?? '',
    body: concatBytes(chunks),
  }
}

/** The body as it was before compression; leaving it early closes what lies below. */
function inflated(response: Dispatcher.ResponseData, tracker: string): Readable {
  const encoding = headerOf(response, 'content-encoding')?.toLowerCase() ?? 'identity'
  switch (encoding) {
    case 'identity':
    case '':
      return response.body
    case 'gzip':
    case 'x-gzip':
      return through(response.body, createGunzip())
    case 'deflate':
      return through(response.body, createInflate())
    default:
      response.body.on('error', error => debug('a body that is not read: %s', error)).destroy()
      throw failed(tracker, 'malformed', 'its answer is compressed in a way that was not asked for')
  }
}

function through(source: Readable, inflater: Transform): Readable {
  pipeline(source, inflater, error => {
    // Whoever reads the inflater hears the error too.
    if (error) debug('an inflated body: %s', error)
  })
  return inflater
}

function headerOf({ headers }: Dispatcher.ResponseData, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}

function failed(url: string, code: TrackerErrorCode, reason: string, cause?: unknown): TrackerError {
  return new TrackerError(code, { url, reason }, { cause })
}
