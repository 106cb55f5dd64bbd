import net from 'node:net'
import { encodeHandshake } from '../../../src/protocol/peer/handshake.js'

/** A socket that the victim closed is opened again after this time, so that the attack does not exhaust this machine. */
const PAUSE_MS = 250

export interface AttackOptions {
  readonly port: number
  /** Sockets that are open at the same time. */
  readonly sockets: number
  /** Source addresses, which take turns. */
  readonly hosts: readonly string[]
  /** Writes to a socket once it is connected; without it the socket stays silent. */
  readonly speak?: (socket: net.Socket, index: number) => void
  /** Whether the victim's messages are read; true by default. */
  readonly reads?: boolean
}

/** Many raw sockets that do the same to a victim; each is opened again when the victim closes it, until the end of the scope. */
export class Attackers implements AsyncDisposable {
  /** Connections made so far. */
  connected = 0
  readonly #options: AttackOptions
  readonly #sockets = new Set<net.Socket>()
  readonly #timers = new Set<NodeJS.Timeout>()
  #isOver = false

  private constructor(options: AttackOptions) {
    this.#options = options
  }

  /** Resolves when every socket has been connected once. */
  static async begin(options: AttackOptions): Promise<Attackers> {
    const attackers = new Attackers(options)
    await Promise.all(Array.from({ length: options.sockets }, (_, i) => attackers.#open(i)))
    return attackers
  }

  /** Sockets that are open now. */
  get open(): number {
    return this.#sockets.size
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true
    for (const timer of this.#timers) clearTimeout(timer)
    const open = [...this.#sockets]
    await Promise.all(open.map(socket => new Promise(resolve => socket.once('close', resolve).destroy())))
  }

  #open(index: number): Promise<void> {
    const { port, hosts, speak, reads = true } = this.#options
    const localAddress = hosts[index % hosts.length]
    const socket = net.connect({
      port,
      host: '127.0.0.1',
      ...(localAddress !== undefined && { localAddress }),
    })
    this.#sockets.add(socket)
    if (reads) socket.resume()
    socket.on('error', () => socket.destroy())
    return new Promise(resolve => {
      socket.on('connect', () => {
        this.connected++
        speak?.(socket, index)
        resolve()
      })
      socket.on('close', () => {
        this.#sockets.delete(socket)
        this.#openAgain(index)
        resolve()
      })
    })
  }

  #openAgain(index: number): void {
    if (this.#isOver) return
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      void this.#open(index)
    }, PAUSE_MS)
    this.#timers.add(timer)
  }
}

/** The plain handshake of one of the attackers, each with a peer id of its own. */
export function attackerHandshake(infoHash: Uint8Array, index: number): Uint8Array {
  const peerId = new TextEncoder().encode(`-XX0000-${`${index}`.padStart(12, '0')}`)
  return encodeHandshake({ infoHash, peerId, features: { fast: true, extensions: true, v2: false } })
}
