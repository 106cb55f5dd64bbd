import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

/** What there is to fetch. `remote` is the address at the other end of the socket, `query` what follows the `?`. */
export interface TrackerRoutes {
  announce(query: string, remote: string): Uint8Array
  scrape(query: string): Uint8Array
  page(): string
  /** For JSON. */
  stats(): object
}

const BENCODE_TYPE = 'text/plain'
const MAX_HEADER_BYTES = 16_384
const MAX_CONNECTIONS = 4096
const HEADERS_TIMEOUT_MS = 10_000
const KEEP_ALIVE_MS = 5000
/** A socket on which nothing moves: somebody who does not read his answer. */
const IDLE_TIMEOUT_MS = 15_000
const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
}

/**
 * The HTTP front of a tracker. Requests are small and answers quick, so every limit is tight; what is no HTTP at all
 * gets 400, too long a header 431, too slow a one 408, from Node.js itself.
 */
export function createTrackerHttpServer(routes: TrackerRoutes): Server {
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: HEADERS_TIMEOUT_MS / 2,
      keepAliveTimeout: KEEP_ALIVE_MS,
    },
    (request, response) => handle(routes, request, response),
  )
  server.maxConnections = MAX_CONNECTIONS
  server.timeout = IDLE_TIMEOUT_MS
  return server
}

function handle(routes: TrackerRoutes, request: IncomingMessage, response: ServerResponse): void {
  // Whatever a body holds, it is not read: the connection ends with the answer.
  const close = hasBody(request) ? { connection: 'close' } : undefined
  if (request.method !== 'GET') {
    send(response, 405, 'text/plain', 'only GET is understood here\n', { allow: 'GET', ...close })
    return
  }
  if (close !== undefined) {
    send(response, 400, 'text/plain', 'a request here has no body\n', close)
    return
  }
  const { path, query } = splitTarget(request.url ?? '/')
  switch (path) {
    case '/announce':
      send(response, 200, BENCODE_TYPE, routes.announce(query, request.socket.remoteAddress ?? ''))
      return
    case '/scrape':
      send(response, 200, BENCODE_TYPE, routes.scrape(query))
      return
    case '/':
      send(response, 200, 'text/html; charset=utf-8', routes.page(), SECURITY_HEADERS)
      return
    case '/stats.json':
      send(response, 200, 'application/json', JSON.stringify(routes.stats()), SECURITY_HEADERS)
      return
    default:
      send(response, 404, 'text/plain', 'nothing here: a tracker has /announce and /scrape\n')
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length']
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0')
}

/** Path and query as they stand, still escaped; the absolute form that proxies send loses its origin. */
function splitTarget(target: string): { path: string; query: string } {
  const local = target.replace(/^https?:\/\/[^/?#]*/i, '')
  const mark = local.indexOf('?')
  return mark < 0 ? { path: local, query: '' } : { path: local.slice(0, mark), query: local.slice(mark + 1) }
}

function send(
  response: ServerResponse,
  status: number,
  type: string,
  body: Uint8Array | string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  response.writeHead(status, { 'content-type': type, 'content-length': bytes.length, ...headers })
  response.end(bytes)
}
