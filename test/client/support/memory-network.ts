import type { PeerStream, StreamListener } from '../../../src/client/net/peer-stream.js'
import type { AcceptedStream, Transport } from '../../../src/client/net/transport.js'
import { formatAddress, type PeerAddress } from '../../../src/protocol/peer-address.js'

/** Hosts that exchange bytes without a socket: each of its transports is one host. */
export class MemoryNetwork {
  readonly #listening = new Map<string, (stream: AcceptedStream) => void>()
  #lastPort = 50_000

  /**
   * The transport of a new host.
   * @param address where it can be reached; undefined: nowhere
   */
  host(address?: PeerAddress): MemoryTransport {
    return new MemoryTransport(this.#listening, address, () => ({
      host: address?.host ?? '192.0.2.99',
      port: ++this.#lastPort,
    }))
  }
}

export class MemoryTransport implements Transport {
  readonly name = 'memory'
  /** Connections that were begun from here, whatever came of them. */
  readonly dialled: PeerAddress[] = []
  readonly #listening: Map<string, (stream: AcceptedStream) => void>
  readonly #address: PeerAddress | undefined
  readonly #nextLocal: () => PeerAddress

  constructor(
    listening: Map<string, (stream: AcceptedStream) => void>,
    address: PeerAddress | undefined,
    nextLocal: () => PeerAddress,
  ) {
    this.#listening = listening
    this.#address = address
    this.#nextLocal = nextLocal
  }

  connect(remote: PeerAddress, listener: StreamListener): PeerStream {
    this.dialled.push(remote)
    const stream = new MemoryStream()
    const accept = this.#listening.get(formatAddress(remote))
    setImmediate(() => {
      if (stream.isDestroyed) return
      if (accept === undefined) {
        stream.destroy()
        listener.closed(new Error('nobody is there'))
        return
      }
      const other = new MemoryStream()
      accept({
        remote: this.#nextLocal(),
        open: theirs => {
          other.join(stream, theirs)
          return other
        },
        destroy: () => other.destroy(),
      })
      stream.join(other, listener)
      listener.connected()
    })
    return stream
  }

  async listen(onAccepted: (stream: AcceptedStream) => void) {
    const address = this.#address
    if (address === undefined) return undefined
    const key = formatAddress(address)
    this.#listening.set(key, onAccepted)
    return {
      port: address.port,
      localAddress: undefined,
      close: async () => void this.#listening.delete(key),
    }
  }
}

interface Write {
  readonly parts: readonly Uint8Array[]
  readonly written: () => void
}

/** One end of a connection. What is written to it arrives at the other end in a later turn, when that is read. */
class MemoryStream implements PeerStream {
  readonly transport = 'memory'
  readonly encryption = 'plain'
  waitingBytes = 0
  isHalfOpen = true
  readLength = 16_384
  isDestroyed = false
  #isPaused = false
  #isPlanned = false
  #listener: StreamListener | undefined
  #other: MemoryStream | undefined
  readonly #writes: Write[] = []

  /** It is connected with `other` from now on. */
  join(other: MemoryStream, listener: StreamListener): void {
    this.#other = other
    this.#listener = listener
    this.isHalfOpen = false
    this.plan()
  }

  write(parts: readonly Uint8Array[], written: () => void): void {
    if (this.isDestroyed) return
    this.#writes.push({ parts, written })
    for (const part of parts) this.waitingBytes += part.length
    this.#other?.plan()
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.plan()
  }

  destroy(): void {
    this.isDestroyed = true
    this.#other?.plan()
  }

  /** Looks in the next turn whether there is something to read. */
  plan(): void {
    if (this.#isPlanned) return
    this.#isPlanned = true
    setImmediate(() => this.#read())
  }

  #read(): void {
    this.#isPlanned = false
    const [other, listener] = [this.#other, this.#listener]
    if (this.isDestroyed || this.#isPaused || other === undefined || listener === undefined) return
    const write = other.#writes.shift()
    if (write !== undefined) {
      for (const part of write.parts) {
        other.waitingBytes -= part.length
        // As from a socket the bytes are the reader's own, to decrypt them in place.
        if (!this.isDestroyed) listener.data(part.slice())
      }
      if (!other.isDestroyed) write.written()
      this.plan()
    } else if (other.isDestroyed) {
      this.isDestroyed = true
      listener.closed(undefined)
    }
  }
}
