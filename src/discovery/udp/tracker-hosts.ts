import { BoundedMap } from '../../base/bounded-map.js'
import { CodedError } from '../../base/errors.js'
import { untilAborted } from '../../base/until-aborted.js'
import {
  type AddressFamily,
  canonicalHost,
  formatAddress,
  type PeerAddress,
} from '../../protocol/peer-address.js'
import type { Clock } from '../clock.js'
import { type LookUp, systemLookUp } from '../name-lookup.js'
import type { UdpAddress } from './udp-address.js'
import { UdpFailure } from './udp-failure.js'

/** Milliseconds for which the addresses of a name are kept, as long as a connection id. */
const KEPT_MS = 60_000
const MAX_KEPT = 1_000

/** Milliseconds for a look-up. */
const LOOK_UP_MS = 15_000

/** Milliseconds for which another address of the same host is preferred to one that did not answer. */
const AVOIDED_MS = 600_000

/** Shared by the whole process. */
const throughSystem = systemLookUp(2)

interface Kept {
  readonly hosts: Promise<readonly string[]>
  readonly until: number
}

/** The addresses of the hosts of UDP trackers. All torrents of a session share the results of look-ups. */
export class TrackerHosts {
  readonly #clock: Clock
  readonly #lookUp: LookUp
  readonly #kept = new BoundedMap<string, Kept>(MAX_KEPT)
  /** Addresses that did not answer, each with the time until which others come before it. */
  readonly #avoided = new BoundedMap<string, number>(MAX_KEPT)

  constructor(clock: Clock, lookUp: LookUp = throughSystem) {
    this.#clock = clock
    this.#lookUp = lookUp
  }

  /**
   * The address of a tracker to send to.
   * @param families those that may be used
   * @throws {UdpFailure}, with the code `ENOTFOUND` as that of its cause where the host has no address of these families; the system's
   * error where the look-up failed; the reason of `signal`
   */
  async find(
    { host, isName, port }: UdpAddress,
    families: readonly AddressFamily[],
    signal: AbortSignal,
  ): Promise<PeerAddress> {
    const hosts = isName ? await untilAborted(this.#resolve(host), signal) : [host]
    const addresses = hosts
      .map(found => ({ host: found, port }))
      .filter(address => families.includes(address.host.includes(':') ? 'ipv6' : 'ipv4'))
    const address = addresses.find(candidate => !this.#isAvoided(candidate)) ?? addresses[0]
    if (address === undefined) throw withoutAddress(isName)
    return address
  }

  /** An address did not answer: the host may have another. */
  failed(address: PeerAddress): void {
    this.#avoided.set(formatAddress(address), this.#clock.now() + AVOIDED_MS)
  }

  #isAvoided(address: PeerAddress): boolean {
    return this.#clock.now() < (this.#avoided.get(formatAddress(address)) ?? 0)
  }

  #resolve(name: string): Promise<readonly string[]> {
    const kept = this.#kept.get(name)
    if (kept !== undefined && this.#clock.now() < kept.until) return kept.hosts
    const hosts = this.#ask(name)
    this.#kept.set(name, { hosts, until: this.#clock.now() + KEPT_MS })
    hosts.catch(() => {
      if (this.#kept.get(name)?.hosts === hosts) this.#kept.delete(name)
    })
    return hosts
  }

  async #ask(name: string): Promise<readonly string[]> {
    const controller = new AbortController()
    const late = (): void => controller.abort(new UdpFailure('timeout', 'the name server does not answer'))
    const cancelTimer = this.#clock.schedule(LOOK_UP_MS, late)
    try {
      const found = await untilAborted(this.#lookUp(name, controller.signal), controller.signal)
      return found.flatMap(host => canonicalHost(host) ?? [])
    } finally {
      cancelTimer()
    }
  }
}

function withoutAddress(isName: boolean): UdpFailure {
  const reason = isName ? 'no such host' : 'this machine does not speak its address family'
  return new UdpFailure('unreachable', reason, { cause: new CodedError('ENOTFOUND', reason, {}) })
}
