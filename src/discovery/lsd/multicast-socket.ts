import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { debugLog } from '../../base/log.js'
import { LOCAL_GROUPS, LOCAL_PORT } from '../../protocol/local-announce.js'
import { type AddressFamily, canonicalHost } from '../../protocol/peer-address.js'
import type { LocalInterface } from './local-interfaces.js'

const debug = debugLog('discovery')

const ANY: Readonly<Record<AddressFamily, string>> = { ipv4: '0.0.0.0', ipv6: '::' }

/** Routers pass a datagram on this many times; BEP 14 asks for more than the one of the system. */
const HOPS = 32

/** Takes a datagram and the host that it came from. */
export type LocalListener = (datagram: Uint8Array, host: string) => void

/** The socket of one family, which is in its multicast group on several interfaces. Other programs may have the port as well. */
export class MulticastSocket implements AsyncDisposable {
  readonly family: AddressFamily
  readonly #socket: Socket
  readonly #joined = new Map<string, LocalInterface>()

  private constructor(family: AddressFamily, socket: Socket) {
    this.family = family
    this.#socket = socket
  }

  /** @throws the system's error */
  static async open(family: AddressFamily, received: LocalListener): Promise<MulticastSocket> {
    const socket = createSocket({
      type: family === 'ipv4' ? 'udp4' : 'udp6',
      ipv6Only: family === 'ipv6',
      reuseAddr: true,
      // Addresses are never names: nothing is looked up.
      lookup: (host, _, callback) => callback(null, host, family === 'ipv4' ? 4 : 6),
    })
    // An earlier datagram could not be delivered: the socket goes on.
    socket.on('error', () => {})
    try {
      const listening = once(socket, 'listening')
      socket.bind({ port: LOCAL_PORT, address: ANY[family], exclusive: true })
      await listening
      socket.setMulticastTTL(HOPS)
    } catch (error) {
      socket.close()
      throw error
    }
    socket.on('message', (datagram, from) => {
      const host = canonicalHost(from.address)
      if (host !== undefined) received(datagram, host)
    })
    return new MulticastSocket(family, socket)
  }

  /** Is in the group on these interfaces from now on, and on no others; returns those on which it could be joined. */
  join(interfaces: readonly LocalInterface[]): LocalInterface[] {
    const wanted = new Map(interfaces.map(each => [keyOf(each), each]))
    for (const [key, left] of this.#joined) {
      if (wanted.has(key)) continue
      this.#joined.delete(key)
      this.#try(left, 'leave', () =>
        this.#socket.dropMembership(LOCAL_GROUPS[this.family], interfaceOf(left)),
      )
    }
    for (const [key, each] of wanted) {
      if (this.#joined.has(key)) continue
      const join = (): void => this.#socket.addMembership(LOCAL_GROUPS[this.family], interfaceOf(each))
      if (this.#try(each, 'join', join)) this.#joined.set(key, each)
    }
    return [...this.#joined.values()]
  }

  /** Sends a datagram on each interface on which it is in the group, one after the other. */
  async send(datagram: Uint8Array): Promise<void> {
    for (const each of [...this.#joined.values()]) {
      // That of the socket is the one for its next datagram.
      if (!this.#try(each, 'use', () => this.#socket.setMulticastInterface(interfaceOf(each)))) continue
      const failure = await new Promise<Error | null>(resolve =>
        this.#socket.send(datagram, LOCAL_PORT, LOCAL_GROUPS[this.family], resolve),
      )
      if (failure !== null) debug('local announce on %s: %s', each.name, failure.message)
    }
  }

  /** Resolves once it is closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#socket, 'close')
    this.#socket.close()
    await closed
  }

  /** An interface may be gone at any time: then false. */
  #try({ name }: LocalInterface, what: string, call: () => void): boolean {
    try {
      call()
      return true
    } catch (error) {
      debug('%s: cannot %s the multicast group of %s: %s', name, what, this.family, error)
      return false
    }
  }
}

/** An interface with another address is another one to the system, where IPv4 is concerned. */
function keyOf({ name, family, address }: LocalInterface): string {
  return family === 'ipv4' ? `${name} ${address}` : name
}

/** As the system wants to have an interface named: by an address, or by a zone (on Windows that is a number). */
function interfaceOf({ name, family, address, scopeId }: LocalInterface): string {
  if (family === 'ipv4') return address
  return `::%${process.platform === 'win32' ? scopeId : name}`
}
