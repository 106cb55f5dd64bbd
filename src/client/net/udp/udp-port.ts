import type { RemoteInfo } from 'node:dgram'
import { reasonOf, systemCode } from '../../../base/errors.js'
import { debugLog } from '../../../base/log.js'
import { type DatagramKind, datagramKind } from '../../../protocol/datagram-kind.js'
import { type AddressFamily, canonicalHost, type PeerAddress } from '../../../protocol/peer-address.js'
import { DropCounts } from './drop-counts.js'
import { closeUdpSockets, type FamilySocket, openUdpSockets, type UdpPlace } from './udp-sockets.js'

const debug = debugLog('client')

/** The longest message: a tracker's answer with 1,000 peers of IPv6. */
const MAX_DATAGRAM_BYTES = 20_000

/** The most bytes that wait in one socket while the system takes no more. */
const MAX_QUEUED_BYTES = 256 * 1024

/** Attempts to bind both families to a port of the system's choice, where the number of the TCP port is taken. */
const OTHER_PORTS_TRIED = 3

/** Takes the datagrams of one protocol. */
export interface DatagramUser {
  /** @param datagram belongs to the user, which may keep it */
  received(datagram: Uint8Array, from: PeerAddress): void
}

/** The result of opening the port. */
export type UdpOpening =
  | { readonly type: 'open'; readonly port: number; readonly families: readonly AddressFamily[] }
  /** There is no UDP port for us: the session has TCP alone. `reason` is one line for people. */
  | { readonly type: 'unavailable'; readonly reason: string }

/** `sent`: it was handed to the system, and may still be lost. The others are reasons for which it was dropped (`DropReason`). */
export type SendOutcome = 'sent' | 'full' | 'no-family' | 'too-large'

/** One protocol's part of the port. */
export interface DatagramLine {
  /** Opens the port, where it is not open yet. After a failure it tries again. */
  open(): Promise<UdpOpening>
  /**
   * Sends a datagram, which must not be changed afterwards. Whether it arrives is not known.
   * @param onFailed is called if the system refuses it later
   */
  send(datagram: Uint8Array, to: PeerAddress, onFailed?: (error: Error) => void): SendOutcome
}

type State =
  | { readonly type: 'closed' }
  | { readonly type: 'opening'; readonly opened: Promise<UdpOpening> }
  | { readonly type: 'open'; readonly sockets: readonly FamilySocket[]; readonly opening: UdpOpening }
  | { readonly type: 'ended' }

/**
 * The UDP port of a session: one socket for each address family, on the number of the TCP port where that is free and on any
 * other where it is not. Protocols share it: each has the datagrams of its kind, as `datagramKind` tells them apart. It is opened when the
 * first of them needs it.
 *
 * Bounds: libuv reads at most 32 datagrams of a socket in a turn of the event loop, so that a flood leaves turns to everything else.
 * A datagram that the system does not take at once (EAGAIN, ENOBUFS) waits, up to 256 KiB a socket, and is dropped beyond that.
 */
export class UdpPort implements AsyncDisposable {
  readonly dropped = new DropCounts()
  readonly #place: UdpPlace
  readonly #users = new Map<DatagramKind, DatagramUser>()
  #state: State = { type: 'closed' }
  readonly #countFailure = (error: Error | null): void => {
    if (error !== null) this.dropped.add('failed')
  }

  /** @param place the number of the TCP port, and the address that is bound to */
  constructor(place: UdpPlace) {
    this.#place = place
  }

  /** Gives a protocol its part of the port. Each kind has one user. */
  use(kind: DatagramKind, user: DatagramUser): DatagramLine {
    if (this.#users.has(kind)) throw new Error(`datagrams of the kind ${kind} have a user already`)
    this.#users.set(kind, user)
    return {
      open: () => this.#open(),
      send: (datagram, to, onFailed) => this.#send(datagram, to, onFailed),
    }
  }

  /** Resolves once the sockets are closed; nothing is received from now on. */
  async [Symbol.asyncDispose](): Promise<void> {
    const state = this.#state
    this.#state = { type: 'ended' }
    if (state.type === 'opening') await state.opened
    if (state.type !== 'open') return
    const dropped = `${this.dropped}`
    if (dropped !== '') debug('datagrams dropped: %s', dropped)
    await closeUdpSockets(state.sockets)
  }

  #open(): Promise<UdpOpening> {
    const state = this.#state
    switch (state.type) {
      case 'closed': {
        const opened = this.#bind()
        this.#state = { type: 'opening', opened }
        return opened
      }
      case 'opening':
        return state.opened
      case 'open':
        return Promise.resolve(state.opening)
      case 'ended':
        return Promise.resolve({ type: 'unavailable', reason: 'the session was stopped' })
    }
  }

  async #bind(): Promise<UdpOpening> {
    let sockets: readonly FamilySocket[]
    try {
      sockets = await openNear(this.#place)
    } catch (error) {
      if (systemCode(error) === '') throw error
      debug('no UDP port: %s', error)
      if (this.#state.type === 'opening') this.#state = { type: 'closed' }
      return { type: 'unavailable', reason: reasonOf(error) }
    }
    if (this.#state.type === 'ended') {
      await closeUdpSockets(sockets)
      return { type: 'unavailable', reason: 'the session was stopped' }
    }
    const port = sockets[0]?.port ?? 0
    debug('UDP port %d', port)
    const opening = { type: 'open', port, families: sockets.map(({ family }) => family) } as const
    this.#state = { type: 'open', sockets, opening }
    for (const { family, socket } of sockets) {
      socket.on('message', (datagram, from) => this.#receive(datagram, family, from))
      socket.on('error', this.#countFailure)
    }
    return opening
  }

  #receive(datagram: Uint8Array, family: AddressFamily, from: RemoteInfo): void {
    if (this.#state.type !== 'open') return
    if (datagram.length > MAX_DATAGRAM_BYTES) {
      this.dropped.add('too-large')
      return
    }
    const kind = datagramKind(datagram)
    const host = family === 'ipv4' ? from.address : canonicalHost(from.address)
    if (kind === undefined || host === undefined || from.port === 0) {
      this.dropped.add('unknown')
      return
    }
    const user = this.#users.get(kind)
    if (user === undefined) this.dropped.add('unused')
    else user.received(datagram, { host, port: from.port })
  }

  #send(datagram: Uint8Array, to: PeerAddress, onFailed?: (error: Error) => void): SendOutcome {
    const outcome = this.#trySend(datagram, to, onFailed)
    if (outcome !== 'sent') this.dropped.add(outcome)
    return outcome
  }

  #trySend(
    datagram: Uint8Array,
    { host, port }: PeerAddress,
    onFailed: ((error: Error) => void) | undefined,
  ): SendOutcome {
    if (datagram.length > MAX_DATAGRAM_BYTES) return 'too-large'
    const socket = this.#socketFor(host)
    if (socket === undefined) return 'no-family'
    if (socket.getSendQueueSize() + datagram.length > MAX_QUEUED_BYTES) return 'full'
    const finished =
      onFailed === undefined
        ? this.#countFailure
        : (error: Error | null): void => {
            this.#countFailure(error)
            if (error !== null) onFailed(error)
          }
    socket.send(datagram, port, host, finished)
    return 'sent'
  }

  #socketFor(host: string): FamilySocket['socket'] | undefined {
    if (this.#state.type !== 'open') return undefined
    const family = host.includes(':') ? 'ipv6' : 'ipv4'
    return this.#state.sockets.find(socket => socket.family === family)?.socket
  }
}

/**
 * Opens the sockets on the port of `place`, or else on another.
 * @throws {import('../../../base/listen.js').ListenError}, or the system's own error
 */
async function openNear(place: UdpPlace): Promise<readonly FamilySocket[]> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await openUdpSockets(attempt === 0 ? place : { ...place, port: 0 })
    } catch (error) {
      if (attempt === OTHER_PORTS_TRIED) throw error
    }
  }
}
