import { canonicalHost, type PeerAddress } from '../../../protocol/peer-address.js'
import type { PeerStream, StreamListener } from '../peer-stream.js'
import type { AcceptedStream, Transport, TransportListener } from '../transport.js'
import { type ListenOptions, listen, type PortCheck } from './listener.js'
import { TCP, TcpStream } from './tcp-stream.js'

/** TCP, over IPv4 and IPv6 where the machine has both. */
export class TcpTransport implements Transport {
  readonly name = TCP
  readonly #options: ListenOptions
  readonly #suits: PortCheck
  #localAddress: string | undefined

  /** @param suits whether to take a port that the user did not name */
  constructor(options: ListenOptions, suits: PortCheck) {
    this.#options = options
    this.#suits = suits
  }

  connect(remote: PeerAddress, listener: StreamListener): PeerStream {
    return TcpStream.connect(remote, this.#localAddress, listener)
  }

  async listen(onAccepted: (stream: AcceptedStream) => void): Promise<TransportListener> {
    const listener = await listen(this.#options, this.#suits, socket => {
      const host = canonicalHost(socket.remoteAddress ?? '')
      if (host === undefined) {
        // The peer is gone already.
        socket.destroy()
        return
      }
      const remote = { host, port: socket.remotePort ?? 0 }
      onAccepted({
        remote,
        open: listener => TcpStream.accept(socket, remote, listener),
        destroy: () => socket.destroy(),
      })
    })
    this.#localAddress = listener.localAddress
    return listener
  }
}
