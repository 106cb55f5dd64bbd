import type { PeerFeatures } from '../../protocol/peer/handshake.js'
import type { SimHost } from '../world/sim-host.js'
import type { Network } from './network.js'
import { Wire } from './wire.js'

const FEATURES: PeerFeatures = { fast: true, extensions: true, v2: false }

/** The port of outgoing connections, which is not the one at which the peer listens. */
const OUTGOING_PORT = 50_000

/**
 * Begins a connection: a round trip for TCP, another for the handshakes. It ends in `Torrent.addPeer` on both sides, or in
 * `Torrent.connectFailed`.
 * @param to undefined where no host answers at this address
 */
export function dial(network: Network, from: SimHost, to: SimHost, onConnected: () => void): void {
  const latencyMs = from.plan.latencyMs + to.plan.latencyMs
  const { queue } = network
  const fail = () => {
    if (from.isPresent) from.torrent.connectFailed(to.address, 'unreachable')
  }
  const later = (times: number, run: () => void) => queue.plan(queue.now + times * latencyMs, { run })
  if (!to.isPresent) {
    later(2, fail)
    return
  }
  later(3, () => {
    if (!to.isPresent || !from.isPresent) {
      later(1, fail)
      return
    }
    const { toA, toB } = Wire.pair(network, from, to)
    // Before the messages of the other side, which arrive at the same time.
    later(1, () => {
      if (toA.receiverPeer === undefined && !toA.isEnded) fail()
      else if (from.isPresent && admit(toB, from, to, to.address.port)) onConnected()
      else toB.end()
    })
    admit(toA, to, from, OUTGOING_PORT)
  })
}

/** A host admits another, to which it sends on this wire; false where it refuses it. */
function admit(wire: Wire, host: SimHost, other: SimHost, port: number): boolean {
  const peer = host.torrent.addPeer({
    address: { host: other.address.host, port },
    peerId: other.peerId,
    isOutgoing: port !== OUTGOING_PORT,
    features: FEATURES,
    isV2: false,
    link: wire,
  })
  if (peer === undefined) return false
  wire.open(peer)
  return true
}
