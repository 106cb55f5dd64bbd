import net from 'node:net'
import { CodedError } from '../../base/errors.js'

export type ListenErrorCode = 'port-in-use' | 'no-permission' | 'bad-address'

export class ListenError extends CodedError<ListenErrorCode, { port: number; host: string | undefined }> {}

/** The ports that BitTorrent clients have always tried first (BEP 3). */
const COMMON_PORTS = [6881, 6882, 6883, 6884, 6885, 6886, 6887, 6888, 6889]

const BACKLOG = 256

export interface Listener {
  readonly port: number
  close(): Promise<void>
}

/**
 * Takes connections of peers, over IPv4 and IPv6 where the machine has both.
 * @param port undefined: one of the common ports, or any that is free; 0: any
 * @throws {ListenError}
 */
export async function listen(
  options: { port: number | undefined; bind: string | undefined },
  onConnection: (socket: net.Socket) => void,
): Promise<Listener> {
  if (options.port !== undefined) return listenOn(options.port, options.bind, onConnection)
  for (const port of COMMON_PORTS) {
    try {
      return await listenOn(port, options.bind, onConnection)
    } catch (error) {
      if (!(error instanceof ListenError) || error.code !== 'port-in-use') throw error
    }
  }
  return listenOn(0, options.bind, onConnection)
}

async function listenOn(
  port: number,
  host: string | undefined,
  onConnection: (socket: net.Socket) => void,
): Promise<Listener> {
  const server = net.createServer({ pauseOnConnect: true, noDelay: true }, onConnection)
  await new Promise<void>((resolve, reject) => {
    server.once('error', error => reject(toListenError(error, port, host)))
    server.listen({ port, host, backlog: BACKLOG }, resolve)
  })
  // What fails later fails for one connection only (no descriptors left, say).
  server.removeAllListeners('error')
  server.on('error', () => {})
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () => new Promise(resolve => server.close(() => resolve())),
  }
}

function toListenError(error: NodeJS.ErrnoException, port: number, host: string | undefined): Error {
  const facts = { port, host }
  switch (error.code) {
    case 'EADDRINUSE':
      return new ListenError('port-in-use', `port ${port} is in use`, facts)
    case 'EACCES':
      return new ListenError('no-permission', `no permission to listen on port ${port}`, facts)
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EINVAL':
      return new ListenError(
        'bad-address',
        `${host ?? 'the address'} is not an address of this machine`,
        facts,
      )
    default:
      return error
  }
}
