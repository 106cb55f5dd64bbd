import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import type { AnnounceRequest } from '../../src/protocol/tracker/announce-request.js'

/** An announce as any leecher makes it. */
export function leecher(changes: Partial<AnnounceRequest> = {}): AnnounceRequest {
  return {
    infoHash: Uint8Array.from({ length: 20 }, (_, i) => (i * 37) & 0xff),
    peerId: new TextEncoder().encode('-TT0001-abcdefghijkl'),
    port: 6881,
    uploaded: 0,
    downloaded: 0,
    left: 1000,
    event: 'started',
    numwant: 50,
    compact: true,
    noPeerId: true,
    key: 0x1234abcd,
    trackerId: undefined,
    encryption: undefined,
    ...changes,
  }
}

/** Runs `test` against a tracker that answers as `handler` does, and closes it whatever happens. */
export async function withTracker(
  handler: RequestListener,
  test: (url: string) => Promise<void>,
): Promise<void> {
  await withServer(createServer(handler), async port => await test(`http://127.0.0.1:${port}/announce`))
}

export async function withSecureTracker(
  credentials: { key: string; cert: string },
  handler: RequestListener,
  test: (url: string) => Promise<void>,
): Promise<void> {
  const server = createSecureServer(credentials, handler)
  await withServer(server, async port => await test(`https://127.0.0.1:${port}/announce`))
}

/** As `withTracker`, for one that need not speak HTTP. */
export async function withTcpServer(
  onSocket: (socket: Socket) => void,
  test: (url: string) => Promise<void>,
): Promise<void> {
  const server = createTcpServer(socket => {
    socket.on('error', () => socket.destroy())
    onSocket(socket)
  })
  await withServer(server, async port => await test(`http://127.0.0.1:${port}/announce`))
}

/** A port of this machine on which no program listens. */
export async function closedPort(): Promise<number> {
  let closed = 0
  await withServer(createTcpServer(), async port => {
    closed = port
  })
  return closed
}

/** Answers with `body`, whatever is asked. */
export function answering(
  body: string | Uint8Array,
  headers: Record<string, string> = {},
  status = 200,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (_, response) => {
    response.writeHead(status, headers).end(body)
  }
}

async function withServer(server: Server, test: (port: number) => Promise<void>): Promise<void> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    await test((server.address() as AddressInfo).port)
  } finally {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  }
}
