import net from 'node:net'
import { readBuffer } from '../../../base/read-buffer.js'
import type { PeerAddress } from '../../../protocol/peer-address.js'
import { FIRST_READ_LENGTH, FULL_READ_LENGTH, type PeerStream, type StreamListener } from '../peer-stream.js'

/** The name of the transport. */
export const TCP = 'tcp'

/**
 * One buffer for all sockets: what is read is dealt with before the next read. On Windows reads are begun ahead, each
 * into its own buffer.
 */
const sharedReadBuffer = process.platform === 'win32' ? undefined : readBuffer(FULL_READ_LENGTH)

/** A TCP socket that reads into a reused buffer and writes many parts with one call. */
export class TcpStream implements PeerStream {
  readonly transport = TCP
  readonly encryption = 'plain'
  readonly remote: PeerAddress
  readLength = FIRST_READ_LENGTH
  readonly #socket: net.Socket
  #readBuffer = sharedReadBuffer?.subarray(0, FIRST_READ_LENGTH)
  #error: Error | undefined

  private constructor(
    remote: PeerAddress,
    listener: StreamListener,
    open: (onread: net.OnReadOpts) => net.Socket,
  ) {
    this.remote = remote
    this.#socket = open({
      buffer: () => this.#nextReadBuffer(),
      callback: (length, bytes) => {
        if (!this.#socket.destroyed) listener.data(bytes.subarray(0, length))
        return true
      },
    })
    this.#socket.setNoDelay(true)
    this.#socket.on('connect', () => listener.connected())
    this.#socket.on('error', error => {
      this.#error = error
    })
    // A peer that sends no more has nothing to take either.
    this.#socket.on('end', () => this.#socket.destroy())
    this.#socket.on('close', () => listener.closed(this.#error))
  }

  /** Begins a connection; `connected` or `closed` tells how it went. */
  static connect(remote: PeerAddress, localAddress: string | undefined, listener: StreamListener): TcpStream {
    return new TcpStream(remote, listener, onread =>
      net.connect({
        host: remote.host,
        port: remote.port,
        ...(localAddress !== undefined && { localAddress }),
        onread,
      }),
    )
  }

  /** Takes over a connection that a server with `pauseOnConnect` accepted. */
  static accept(accepted: net.Socket, remote: PeerAddress, listener: StreamListener): TcpStream {
    return new TcpStream(remote, listener, onread => {
      const socket = takeOver(accepted, onread)
      if (socket !== undefined) return socket
      accepted.on('data', bytes => listener.data(bytes))
      return accepted.resume()
    })
  }

  #nextReadBuffer(): Buffer {
    if (sharedReadBuffer === undefined) return Buffer.allocUnsafeSlow(Math.min(this.readLength, 64 * 1024))
    const length = Math.min(this.readLength, FULL_READ_LENGTH)
    if (this.#readBuffer?.length !== length) this.#readBuffer = sharedReadBuffer.subarray(0, length)
    return this.#readBuffer
  }

  /** Bytes that were written and have not left yet. */
  get waitingBytes(): number {
    return this.#socket.writableLength
  }

  get isHalfOpen(): boolean {
    return this.#socket.connecting
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed
  }

  /** Writes all parts with one call to the system; they must stay as they are until `written`. */
  write(parts: readonly Uint8Array[], written: () => void): void {
    this.#socket.cork()
    for (let i = 0; i < parts.length - 1; i++) this.#socket.write(parts[i] ?? '')
    this.#socket.write(parts[parts.length - 1] ?? '', written)
    this.#socket.uncork()
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  destroy(): void {
    this.#socket.destroy()
  }
}

/**
 * Servers have no way to say where their connections are to be read into, so an accepted one is opened anew around its
 * handle. Undefined where a future Node.js has no such handle: then it is read the common way.
 */
function takeOver(accepted: net.Socket, onread: net.OnReadOpts): net.Socket | undefined {
  if (!('_handle' in accepted) || accepted._handle === null) return undefined
  const handle = accepted._handle
  accepted._handle = null
  accepted.destroy()
  const options: net.SocketConstructorOpts & { handle: unknown; onread: net.OnReadOpts } = { handle, onread }
  const socket = new net.Socket(options)
  socket.resume()
  socket.read(0)
  return socket
}
