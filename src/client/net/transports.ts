import type { ListenOptions } from './tcp/listener.js'
import { TcpTransport } from './tcp/tcp-transport.js'
import type { AcceptedStream, Transport, TransportListener } from './transport.js'
import { isUdpPortFree } from './udp/udp-sockets.js'

/**
 * The transports of a session, in the order in which they are tried. A further one is added here. Of ports that the user did not
 * name TCP takes one whose number is free for UDP as well.
 */
export function makeTransports(options: ListenOptions): readonly Transport[] {
  return [new TcpTransport(options, (port, bind) => isUdpPortFree({ port, bind }))]
}

/**
 * Takes connections over all transports. Peers are told the port of the first that can be reached.
 * @throws {import('../../base/listen.js').ListenError} where one of them can't listen; then none does
 */
export async function listenOnAll(
  transports: readonly Transport[],
  onAccepted: (stream: AcceptedStream) => void,
): Promise<TransportListener> {
  const listeners: TransportListener[] = []
  const close = async (): Promise<void> => {
    await Promise.all(listeners.map(listener => listener.close()))
  }
  try {
    for (const transport of transports) {
      const listener = await transport.listen(onAccepted)
      if (listener !== undefined) listeners.push(listener)
    }
  } catch (error) {
    await close()
    throw error
  }
  const [first] = listeners
  return { port: first?.port ?? 0, localAddress: first?.localAddress, close }
}
