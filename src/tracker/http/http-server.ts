import { createServer, type Server } from 'node:net'
import { encodeFailure } from '../../protocol/tracker/announce-answer.js'
import type { TrackerClient } from '../client.js'
import type { TrackerLimits } from '../limits.js'
import type { RequestRate } from '../request-rate.js'
import type { HttpAnswer } from './answer.js'
import { Connections } from './connections.js'
import type { RequestHead } from './request-head.js'

/** The resources of the tracker; `query` is the part after the `?`. */
export interface TrackerRoutes {
  announce(query: string, client: TrackerClient): Uint8Array
  scrape(query: string, client: TrackerClient): Uint8Array
  /** HTML. */
  page(): Uint8Array
  /** JSON. */
  stats(): Uint8Array
}

const BENCODE_TYPE = 'text/plain'
/** Counted in announces: a page is ten times the work of an announce, and a hundred times its bytes. */
const PAGE_COST = 10
/** Minutes; BEP 31 knows nothing shorter. */
const RETRY_WHEN_TOO_MANY = 1
const SECURITY_HEADERS = [
  "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options: nosniff',
  'Referrer-Policy: no-referrer',
  '',
].join('\r\n')
const TOO_MANY = encodeFailure('too many requests from your address', RETRY_WHEN_TOO_MANY)

const TOO_MANY_PAGES: HttpAnswer = {
  ...text(429, 'too many requests from your address\n'),
  headers: 'Retry-After: 60\r\n',
}

/**
 * The HTTP front of a tracker. HTTP is read by our own code (`connection.ts`): a server of Node.js parses and answers
 * all requests of a chunk at once, whether or not their answers are read, and cannot be kept from it.
 */
export class TrackerHttpServer implements Disposable {
  readonly server: Server
  readonly #connections: Connections

  /** @param rate counts what each address asks for, by any front end */
  constructor(routes: TrackerRoutes, limits: TrackerLimits, rate: RequestRate) {
    this.#connections = new Connections({
      limits,
      answer: (head, client) => answer(routes, rate, head, client),
      refuses: client => rate.isFlooding(client, performance.now()),
    })
    // Answers may still be due when the client has said its last.
    this.server = createServer({ allowHalfOpen: true }, socket => this.#connections.accept(socket))
  }

  /** Closes every connection. */
  [Symbol.dispose](): void {
    this.#connections[Symbol.dispose]()
  }
}

function answer(
  routes: TrackerRoutes,
  rate: RequestRate,
  { method, target, hasBody }: RequestHead,
  client: TrackerClient,
): HttpAnswer {
  // Bodies are never read: the connection is closed after the answer.
  if (method !== 'GET') {
    return { ...text(405, 'only GET is understood here\n'), headers: 'Allow: GET\r\n', close: hasBody }
  }
  if (hasBody) return { ...text(400, 'a request here has no body\n'), close: true }
  const { path, query } = splitTarget(target)
  const isBencoded = path === '/announce' || path === '/scrape'
  if (!rate.take(client, isBencoded ? 1 : PAGE_COST, performance.now())) {
    return { ...(isBencoded ? bencoded(TOO_MANY) : TOO_MANY_PAGES), hold: true }
  }
  switch (path) {
    case '/announce':
      return bencoded(routes.announce(query, client))
    case '/scrape':
      return bencoded(routes.scrape(query, client))
    case '/':
      return page('text/html; charset=utf-8', routes.page())
    case '/stats.json':
      return page('application/json', routes.stats())
    default:
      return text(404, 'nothing here: a tracker has /announce and /scrape\n')
  }
}

function bencoded(body: Uint8Array): HttpAnswer {
  return { status: 200, type: BENCODE_TYPE, body }
}

/** Much larger than its request, so a connection gets one: many unread ones would fill the system's buffers. */
function page(type: string, body: Uint8Array): HttpAnswer {
  return { status: 200, type, body, headers: SECURITY_HEADERS, close: true }
}

function text(status: number, body: string): HttpAnswer {
  return { status, type: 'text/plain', body: Buffer.from(body) }
}

/** Path and query as they stand, still escaped; the absolute form that proxies send loses its origin. */
function splitTarget(target: string): { path: string; query: string } {
  const local = target.startsWith('/') ? target : target.replace(/^https?:\/\/[^/?#]*/i, '')
  const mark = local.indexOf('?')
  return mark < 0
    ? { path: local === '' ? '/' : local, query: '' }
    : { path: local.slice(0, mark), query: local.slice(mark + 1) }
}
