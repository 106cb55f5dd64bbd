import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { ListenError, toListenError } from '../../../base/listen.js'
import type { AddressFamily } from '../../../protocol/peer-address.js'

export interface UdpPlace {
  /** 0: any that is free. */
  readonly port: number
  /** An address of this machine; undefined: all of both families. */
  readonly bind: string | undefined
}

export interface FamilySocket {
  readonly family: AddressFamily
  readonly socket: Socket
  readonly port: number
}

const ANY: Readonly<Record<AddressFamily, string>> = { ipv4: '0.0.0.0', ipv6: '::' }

/**
 * Opens a socket for each address family that this machine has, all of them on one port.
 * @throws {ListenError} where one of the families cannot have the port, or there is none at all; then nothing stays open
 */
export async function openUdpSockets({ port, bind }: UdpPlace): Promise<readonly FamilySocket[]> {
  const opened: FamilySocket[] = []
  let missing: unknown
  try {
    for (const family of familiesOf(bind)) {
      try {
        opened.push(await openOne(family, { port: opened[0]?.port ?? port, bind }))
      } catch (error) {
        if (!isMissingFamily(error, bind)) throw error
        missing = error
      }
    }
  } catch (error) {
    await closeUdpSockets(opened)
    throw error
  }
  if (opened.length === 0) throw missing
  return opened
}

/** Waits until they are closed. */
export async function closeUdpSockets(sockets: readonly FamilySocket[]): Promise<void> {
  await Promise.all(
    sockets.map(async ({ socket }) => {
      const closed = once(socket, 'close')
      socket.close()
      await closed
    }),
  )
}

/** Whether both families could have a port at this moment. */
export async function isUdpPortFree(place: UdpPlace): Promise<boolean> {
  try {
    await closeUdpSockets(await openUdpSockets(place))
    return true
  } catch (error) {
    if (error instanceof ListenError) return false
    throw error
  }
}

function familiesOf(bind: string | undefined): readonly AddressFamily[] {
  if (bind === undefined) return ['ipv4', 'ipv6']
  return [bind.includes(':') ? 'ipv6' : 'ipv4']
}

async function openOne(family: AddressFamily, { port, bind }: UdpPlace): Promise<FamilySocket> {
  const address = bind ?? ANY[family]
  const socket = createSocket({
    type: family === 'ipv4' ? 'udp4' : 'udp6',
    ipv6Only: family === 'ipv6',
    // Addresses are never names: nothing is looked up.
    lookup: (host, _, callback) => callback(null, host, family === 'ipv4' ? 4 : 6),
  })
  // An earlier datagram could not be delivered (ICMP, where the system tells of it): the socket goes on.
  socket.on('error', () => {})
  try {
    const listening = once(socket, 'listening')
    socket.bind({ port, address, exclusive: true })
    await listening
  } catch (error) {
    socket.close()
    throw toListenError(error, { port, host: address })
  }
  return { family, socket, port: socket.address().port }
}

/** Whether the machine, asked for all of its addresses, has none of the family. */
function isMissingFamily(error: unknown, bind: string | undefined): boolean {
  return bind === undefined && error instanceof ListenError && error.code === 'bad-address'
}
