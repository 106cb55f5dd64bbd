// BEP 14: finds peers in the local network, and tells them of us, by multicast.

import { randomBytes } from 'node:crypto'
import { equalBytes, toHex } from '../../base/bytes.js'
import { debugLog } from '../../base/log.js'
import { decodeLocalAnnounce, encodeLocalAnnounce } from '../../protocol/local-announce.js'
import { listeningAddress, type PeerAddress } from '../../protocol/peer-address.js'
import { type Clock, systemClock } from '../clock.js'
import type { FinderKind, FinderOwner, FinderStatus, PeerFinder, SoughtTorrent } from '../finder.js'
import { AnnounceTurns } from './announce-turns.js'
import { HeardRate } from './heard-rate.js'
import { type LocalLine, type LocalReach, MulticastLine } from './local-line.js'
import type { LocalListener } from './multicast-socket.js'

const debug = debugLog('discovery')

/** Milliseconds between two looks at the interfaces of this machine. */
const LOOK_EVERY_MS = 60_000

/** Milliseconds in which torrents that start together come into one announce. */
const GATHER_MS = 200

const COOKIE_BYTES = 8

/** The session, as the local network is told of it. */
export interface LocalHost {
  /** Where we listen for peers. */
  readonly port: number
  /** The address of ours that all connections have; undefined: any. */
  readonly bind: string | undefined
}

export interface LocalDiscoveryParts {
  readonly clock: Clock
  /** A text that no other client has, of at most 16 characters. */
  readonly cookie: string
  /** Makes the line to the network; it calls the listener with each datagram that arrives. */
  line(listener: LocalListener): LocalLine
}

type State =
  /** There is no torrent to announce. */
  | { readonly type: 'idle' }
  | { readonly type: 'waiting'; cancel(): void }
  /** The interfaces are looked at, and then it is announced what is due. */
  | { readonly type: 'working'; readonly done: Promise<void> }
  | { readonly type: 'ended' }

/** Counts of datagrams that were dropped, by reason. */
interface Dropped {
  tooMany: number
  malformed: number
}

/**
 * Local discovery of a session: its torrents share one socket for each family. They are opened for the first torrent that is
 * announced.
 */
export class LocalDiscovery implements FinderKind, AsyncDisposable {
  readonly source = 'lsd'
  readonly dropped: Dropped = { tooMany: 0, malformed: 0 }
  readonly #host: LocalHost
  readonly #clock: Clock
  readonly #cookie: string
  readonly #line: LocalLine
  readonly #turns = new AnnounceTurns()
  readonly #heardRate = new HeardRate()
  readonly #finders = new Map<string, LocalFinder>()
  #reach: LocalReach | undefined
  #lookAt = Number.NEGATIVE_INFINITY
  #state: State = { type: 'idle' }

  constructor(host: LocalHost, { clock = systemClock, cookie, line }: Partial<LocalDiscoveryParts> = {}) {
    this.#host = host
    this.#clock = clock
    this.#cookie = cookie ?? randomBytes(COOKIE_BYTES).toString('hex')
    const listener: LocalListener = (datagram, from) => this.#received(datagram, from)
    this.#line = line?.(listener) ?? new MulticastLine(host.bind, listener)
  }

  finderFor(torrent: SoughtTorrent, owner: FinderOwner): PeerFinder {
    return new LocalFinder(this, torrent.infoHashes, owner)
  }

  /** For people. */
  get status(): FinderStatus {
    if (this.#reach === undefined) return { type: 'searching' }
    if (this.#reach.type === 'open') return { type: 'local', interfaces: this.#reach.interfaces }
    return { type: 'failed', code: 'no-local-network', message: `local discovery: ${this.#reach.reason}` }
  }

  /** From now on the torrent is announced, and what others announce of it goes to the finder. */
  add(infoHash: Uint8Array, finder: LocalFinder): void {
    this.#finders.set(toHex(infoHash), finder)
    this.#turns.add(infoHash, this.#clock.now())
    if (this.#state.type !== 'working') this.#wait()
  }

  delete(infoHash: Uint8Array): void {
    this.#finders.delete(toHex(infoHash))
    this.#turns.delete(infoHash)
  }

  /** Resolves once the sockets are closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    const state = this.#state
    this.#state = { type: 'ended' }
    if (state.type === 'waiting') state.cancel()
    if (state.type === 'working') await state.done
    await this.#line[Symbol.asyncDispose]()
    const { tooMany, malformed } = this.dropped
    if (tooMany + malformed > 0)
      debug('dropped local announces: too many %d, malformed %d', tooMany, malformed)
  }

  /** Waits until something is due. */
  #wait(): void {
    if (this.#state.type === 'waiting') this.#state.cancel()
    if (this.#state.type === 'ended') return
    this.#state = { type: 'idle' }
    if (this.#finders.size === 0) return
    const dueAt = Math.min(this.#turns.dueAt, this.#lookAt)
    const work = (): void => {
      this.#state = { type: 'working', done: this.#work() }
    }
    const cancel = this.#clock.schedule(Math.max(GATHER_MS, dueAt - this.#clock.now()), work)
    this.#state = { type: 'waiting', cancel }
  }

  async #work(): Promise<void> {
    const reach = await this.#line.refresh()
    const now = this.#clock.now()
    if (hasNew(reach, this.#reach)) this.#turns.restart(now)
    this.#reach = reach
    this.#lookAt = now + LOOK_EVERY_MS
    if (reach.type === 'open' && this.#state.type !== 'ended') this.#announce(now)
    this.#wait()
  }

  #announce(now: number): void {
    const infoHashes = this.#turns.take(now)
    if (infoHashes.length === 0) return
    const announce = { port: this.#host.port, infoHashes, cookie: this.#cookie }
    this.#line.send(family => encodeLocalAnnounce(family, announce))
  }

  #received(datagram: Uint8Array, host: string): void {
    if (!this.#heardRate.take(host, this.#clock.now())) {
      this.dropped.tooMany++
      return
    }
    const announce = decodeLocalAnnounce(datagram)
    if (announce === undefined) {
      this.dropped.malformed++
      return
    }
    // Our own come back to us.
    const address = listeningAddress(host, announce.port)
    if (announce.cookie === this.#cookie || address === undefined) return
    for (const infoHash of announce.infoHashes) this.#finders.get(toHex(infoHash))?.heard(address)
  }
}

/** One torrent in the local network. */
class LocalFinder implements PeerFinder {
  readonly #discovery: LocalDiscovery
  readonly #owner: FinderOwner
  readonly #infoHashes: Uint8Array[]

  constructor(discovery: LocalDiscovery, infoHashes: readonly Uint8Array[], owner: FinderOwner) {
    this.#discovery = discovery
    this.#owner = owner
    this.#infoHashes = [...infoHashes]
  }

  get status(): FinderStatus {
    return this.#discovery.status
  }

  start(): void {
    for (const infoHash of this.#infoHashes) this.#discovery.add(infoHash, this)
  }

  resolved(infoHashes: readonly Uint8Array[]): void {
    for (const infoHash of infoHashes) {
      if (this.#infoHashes.some(known => equalBytes(known, infoHash))) continue
      this.#infoHashes.push(infoHash)
      this.#discovery.add(infoHash, this)
    }
  }

  /** Another client has announced the torrent. */
  heard(address: PeerAddress): void {
    this.#owner.found([address])
  }

  async stop(): Promise<void> {
    for (const infoHash of this.#infoHashes) this.#discovery.delete(infoHash)
  }
}

/** Whether there is an interface now on which nothing was announced yet, besides others. */
function hasNew(now: LocalReach, before: LocalReach | undefined): boolean {
  if (now.type !== 'open' || before?.type !== 'open') return false
  return now.interfaces.some(name => !before.interfaces.includes(name))
}
