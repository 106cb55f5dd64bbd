import { createSocket } from 'node:dgram'
import { systemCode } from '../../base/errors.js'
import type { PeerAddress } from '../../protocol/peer-address.js'

/**
 * Sends a datagram to a port, to learn whether the port is closed. The system tells of that (ICMP, port unreachable) only where a socket is
 * connected to the one address. An answer to the datagram is not read.
 * @param onClosed called with the system's error if the host says that nobody listens there; hosts may stay silent, too
 * @returns to dispose of when that is not of interest any more
 */
export type PortProbe = (
  to: PeerAddress,
  datagram: Uint8Array,
  onClosed: (error: Error) => void,
) => Disposable

/** @param bind the local address to send from; undefined: any */
export function systemPortProbe(bind: string | undefined): PortProbe {
  return (to, datagram, onClosed) => {
    const isIPv6 = to.host.includes(':')
    const socket = createSocket({
      type: isIPv6 ? 'udp6' : 'udp4',
      // Addresses are never names: nothing is looked up.
      lookup: (host, _, callback) => callback(null, host, isIPv6 ? 6 : 4),
    })
    // Other failures say nothing of the port, and are those of the request itself, too.
    socket.on('error', error => {
      if (systemCode(error) === 'ECONNREFUSED') onClosed(error)
    })
    socket.on('connect', () => socket.send(datagram))
    if (bind !== undefined) socket.bind(0, bind)
    socket.connect(to.port, to.host)
    return { [Symbol.dispose]: () => socket.close() }
  }
}
