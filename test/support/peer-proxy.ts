import { connect, createServer, type Server, type Socket } from 'node:net'
import { BlockWatcher, type SeenBlock } from './block-watcher.js'
import { listen } from './ports.js'

const WORTH_MS = 5

export interface PeerProxyOptions {
  /** The seeder that is behind it. */
  readonly port: number
  readonly host?: string
  readonly bytesPerSecond?: number
  /** Flips a bit in every block. */
  readonly corrupts?: boolean
  readonly onBlock?: (block: SeenBlock) => void
}

/**
 * Stands between a leecher and a seeder on the loopback, counts the blocks that pass, and slows or spoils them; blocks that are
 * encrypted it does not see.
 */
export class PeerProxy implements AsyncDisposable {
  /** As `--peer` takes it. */
  readonly address: string
  readonly #server: Server
  readonly #sockets: Set<Socket>

  private constructor(server: Server, sockets: Set<Socket>, port: number) {
    this.#server = server
    this.#sockets = sockets
    this.address = `127.0.0.1:${port}`
  }

  static async listen(options: PeerProxyOptions): Promise<PeerProxy> {
    const sockets = new Set<Socket>()
    const server = createServer(leecher => join(leecher, sockets, options))
    return new PeerProxy(server, sockets, await listen(server))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise(resolve => this.#server.close(resolve))
  }
}

/** Opens the other half of a connection and passes on what comes. */
function join(leecher: Socket, sockets: Set<Socket>, options: PeerProxyOptions): void {
  const {
    port,
    host = '127.0.0.1',
    bytesPerSecond = Number.POSITIVE_INFINITY,
    corrupts = false,
    onBlock,
  } = options
  const seeder = connect(port, host)
  for (const [socket, other] of [
    [leecher, seeder],
    [seeder, leecher],
  ] as const) {
    sockets.add(socket)
    socket.setNoDelay()
    // An end of either side, whatever its kind, is an end of both.
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      sockets.delete(socket)
      other.destroy()
    })
  }
  leecher.pipe(seeder)

  // A pause for each small chunk would be rounded to nothing: the delays add up until they are worth a timer.
  let nextAt = performance.now()
  const watcher = new BlockWatcher({ corrupts, ...(onBlock === undefined ? {} : { onBlock }) })
  seeder.on('data', chunk => {
    watcher.pass(chunk)
    const hasRoom = leecher.write(chunk)
    const now = performance.now()
    nextAt = Math.max(nextAt, now) + (chunk.length / bytesPerSecond) * 1000
    const pauseMs = nextAt - now
    if (hasRoom && pauseMs < WORTH_MS) return
    seeder.pause()
    if (hasRoom) setTimeout(() => seeder.resume(), pauseMs)
    else leecher.once('drain', () => setTimeout(() => seeder.resume(), pauseMs))
  })
}
