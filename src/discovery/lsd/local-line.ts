import { networkInterfaces } from 'node:os'
import { reasonOf, systemCode } from '../../base/errors.js'
import { debugLog } from '../../base/log.js'
import type { AddressFamily } from '../../protocol/peer-address.js'
import { isLocalSender, localInterfaces, type SystemInterfaces } from './local-interfaces.js'
import { type LocalListener, MulticastSocket } from './multicast-socket.js'

const debug = debugLog('discovery')

const FAMILIES = ['ipv4', 'ipv6'] as const

/** How far the local network can be reached. */
export type LocalReach =
  /** @property interfaces their names, each once */
  | { readonly type: 'open'; readonly interfaces: readonly string[] }
  /** `reason` is one line for people. */
  | { readonly type: 'unavailable'; readonly reason: string }

/** Carries datagrams to and from the local network. */
export interface LocalLine extends AsyncDisposable {
  /** Looks at the interfaces of this machine, and is open on all of them from then on, where that is possible. */
  refresh(): Promise<LocalReach>
  /** Sends to everybody, on each interface. */
  send(encode: (family: AddressFamily) => Uint8Array): void
}

/** The multicast groups of both families. */
export class MulticastLine implements LocalLine {
  readonly #bind: string | undefined
  readonly #listener: LocalListener
  readonly #sockets = new Map<AddressFamily, MulticastSocket>()
  /** As they were at the last look. */
  #interfaces: SystemInterfaces = {}
  #isClosed = false

  /** @param bind the address of ours that all connections have; undefined: any */
  constructor(bind: string | undefined, listener: LocalListener) {
    this.#bind = bind
    this.#listener = listener
  }

  async refresh(): Promise<LocalReach> {
    this.#interfaces = networkInterfaces()
    const all = localInterfaces(this.#interfaces, this.#bind)
    const names = new Set<string>()
    let failure: unknown
    for (const family of FAMILIES) {
      const own = all.filter(each => each.family === family)
      try {
        const socket = own.length === 0 ? this.#sockets.get(family) : await this.#open(family)
        for (const { name } of socket?.join(own) ?? []) names.add(name)
      } catch (error) {
        if (systemCode(error) === '') throw error
        debug('no local discovery over %s: %s', family, error)
        failure = error
      }
    }
    if (names.size > 0) return { type: 'open', interfaces: [...names] }
    if (failure !== undefined) return { type: 'unavailable', reason: reasonOf(failure) }
    const where = this.#bind === undefined ? 'this machine' : this.#bind
    return { type: 'unavailable', reason: `${where} is in no local network` }
  }

  send(encode: (family: AddressFamily) => Uint8Array): void {
    for (const [family, socket] of this.#sockets) void socket.send(encode(family))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#sockets.values()].map(socket => socket[Symbol.asyncDispose]()))
    this.#sockets.clear()
  }

  async #open(family: AddressFamily): Promise<MulticastSocket | undefined> {
    const known = this.#sockets.get(family)
    if (known !== undefined) return known
    const socket = await MulticastSocket.open(family, (datagram, host) => {
      if (isLocalSender(host, this.#interfaces)) this.#listener(datagram, host)
    })
    if (this.#isClosed) {
      await socket[Symbol.asyncDispose]()
      return undefined
    }
    this.#sockets.set(family, socket)
    return socket
  }
}
