import type { Torrent } from '../../engine/torrent.js'
import type { ByteCounts } from '../net/wire.js'
import { Violation } from './violation.js'

interface CountedHost {
  readonly id: number
  readonly torrent: Torrent
  readonly record: { readonly sent: number; readonly received: number }
}

/**
 * Bytes are conserved: those that were sent were received, lost, or are under way; and the engines' counts agree with the
 * network's.
 */
export function checkConserved(
  hosts: readonly CountedHost[],
  webServers: readonly { readonly sent: number }[],
  network: ByteCounts,
  time: number,
): void {
  let sent = webServers.reduce((sum, server) => sum + server.sent, 0)
  let received = 0
  for (const { id, torrent, record } of hosts) {
    sent += record.sent
    received += record.received
    const { total: sentByEngine } = torrent.uploader.sent
    const { lateBytes } = torrent.downloader
    const receivedByEngine = torrent.downloader.received.total + lateBytes
    if (sentByEngine !== record.sent)
      fail(id, time, `the engine counts ${sentByEngine} bytes sent, the network ${record.sent}`)
    if (receivedByEngine !== record.received)
      fail(id, time, `the engine counts ${receivedByEngine} bytes received, the network ${record.received}`)
  }
  const arrived = network.received + network.lost + network.underWay
  if (sent !== network.sent || received !== network.received || arrived !== network.sent)
    fail(
      -1,
      time,
      `${sent} bytes were sent, ${received} received, ${network.lost} lost, ${network.underWay} are under way`,
    )
}

function fail(host: number, time: number, what: string): never {
  throw new Violation('bytes-not-conserved', what, { host, time })
}
