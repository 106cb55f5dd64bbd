// BEP 3: a tracker may list a peer with the name of its host in place of an address.

import { debugLog } from '../base/log.js'
import { sharedAbortController } from '../base/shared-abort.js'
import { listeningAddress, type PeerAddress } from '../protocol/peer-address.js'
import { MAX_NAMED_PEERS, type NamedPeer } from '../protocol/tracker/announce-response.js'
import type { Clock } from './clock.js'
import { type LookUp, systemLookUp } from './name-lookup.js'

const debug = debugLog('discovery')

/** For all names of an answer together: 5 s. */
const DEADLINE_MS = 5_000

/** Addresses taken of one name. */
const MAX_ADDRESSES = 4

/** Shared by the whole process. The other look-ups are those of trackers, so that one thread is always left for files. */
const throughSystem = systemLookUp(1)

/** Looks up the peers that trackers list by name. */
export class PeerNames {
  readonly #clock: Clock
  readonly #lookUp: LookUp
  /** By tracker. */
  readonly #underWay = new Map<string, AbortController>()

  constructor(clock: Clock, lookUp: LookUp = throughSystem) {
    this.#clock = clock
    this.#lookUp = lookUp
  }

  /**
   * Looks up the peers of one answer, and gives up on those of the tracker's answer before.
   * @param onFound is called for each name with its addresses, until 5 s have passed or `stop` is called
   */
  resolve(
    tracker: string,
    peers: readonly NamedPeer[],
    onFound: (found: readonly PeerAddress[]) => void,
  ): void {
    this.#underWay.get(tracker)?.abort()
    this.#underWay.delete(tracker)
    if (peers.length > 0) void this.#resolveAll(tracker, peers.slice(0, MAX_NAMED_PEERS), onFound)
  }

  stop(): void {
    for (const controller of this.#underWay.values()) controller.abort()
    this.#underWay.clear()
  }

  async #resolveAll(
    tracker: string,
    peers: readonly NamedPeer[],
    onFound: (found: readonly PeerAddress[]) => void,
  ): Promise<void> {
    const controller = sharedAbortController()
    this.#underWay.set(tracker, controller)
    const cancelDeadline = this.#clock.schedule(DEADLINE_MS, () => controller.abort())
    await Promise.all(
      peers.map(async peer => {
        const found = await this.#addressesOf(peer, controller.signal)
        if (found.length > 0 && !controller.signal.aborted) onFound(found)
      }),
    )
    cancelDeadline()
    if (this.#underWay.get(tracker) === controller) this.#underWay.delete(tracker)
  }

  /** Checked like any other address of a tracker. */
  async #addressesOf({ name, port }: NamedPeer, signal: AbortSignal): Promise<PeerAddress[]> {
    try {
      const hosts = await this.#lookUp(name, signal)
      return hosts.slice(0, MAX_ADDRESSES).flatMap(host => listeningAddress(host, port) ?? [])
    } catch (error) {
      debug('%s: %s', name, error)
      return []
    }
  }
}
