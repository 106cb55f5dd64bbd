import net from 'node:net'
import { ListenError, listenOn } from '../../../base/listen.js'
import type { TransportListener } from '../transport.js'

/** The ports that BitTorrent clients have always tried first (BEP 3). */
const COMMON_PORTS = [6881, 6882, 6883, 6884, 6885, 6886, 6887, 6888, 6889]

const BACKLOG = 256

/** Ports of the system's choice that are tried, where not every one suits. */
const FREE_PORTS_TRIED = 8

export interface ListenOptions {
  /** Undefined: one of the common ports, or any that is free; 0: any. */
  readonly port?: number | undefined
  /** An address of this machine, or a name that stands for one; undefined: all of both families. */
  readonly bind?: string | undefined
}

/** Whether to take a port that the user did not name; `localAddress` as in `TransportListener`. */
export type PortCheck = (port: number, localAddress: string | undefined) => Promise<boolean>

/**
 * Takes connections of peers; their sockets are paused.
 * @param suits is asked about each port but the last that is tried
 * @throws {ListenError}
 */
export async function listen(
  options: ListenOptions,
  suits: PortCheck,
  onConnection: (socket: net.Socket) => void,
): Promise<TransportListener> {
  const ports = portsToTry(options.port)
  const last = ports.pop() ?? 0
  for (const port of ports) {
    try {
      const listener = await open(port, options.bind, onConnection)
      if (await suits(listener.port, listener.localAddress)) return listener
      await listener.close()
    } catch (error) {
      if (!(error instanceof ListenError) || error.code !== 'port-in-use') throw error
    }
  }
  return await open(last, options.bind, onConnection)
}

function portsToTry(port: number | undefined): number[] {
  if (port !== undefined && port !== 0) return [port]
  const free = Array.from({ length: FREE_PORTS_TRIED }, () => 0)
  return port === 0 ? free : [...COMMON_PORTS, ...free]
}

async function open(
  port: number,
  host: string | undefined,
  onConnection: (socket: net.Socket) => void,
): Promise<TransportListener> {
  const server = net.createServer({ pauseOnConnect: true, noDelay: true }, onConnection)
  const address = await listenOn(server, { port, host, backlog: BACKLOG })
  // A later error concerns one connection only (no descriptors left, say).
  server.on('error', () => {})
  return {
    port: address.port,
    localAddress: localAddressOf(host, address.host),
    close: () => new Promise(resolve => server.close(() => resolve())),
  }
}

/**
 * The address for connections to others where `bind` was asked for and a server listens on `listening`. An address is kept as
 * it was said, with its zone. `::` is where both families are listened on, and no IPv4 peer can be reached from it.
 */
function localAddressOf(bind: string | undefined, listening: string): string | undefined {
  const address = bind !== undefined && net.isIP(bind) === 0 ? listening : bind
  return address === '::' ? undefined : address
}
