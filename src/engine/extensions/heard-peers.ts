import { type AddressScope, isMeaningfulTo, scopeOf } from '../../protocol/address-scope.js'
import type { ExchangedPeer, PeerExchange } from '../../protocol/peer/peer-exchange.js'
import { formatAddress, type PeerAddress } from '../../protocol/peer-address.js'
import type { Candidate } from '../connect/candidates.js'

/** Peers that one peer may claim to be connected with. */
const MAX_LIVE = 200

/** Addresses from one peer that wait to be tried. */
const MAX_UNTRIED = 50

/** Least time between two messages (BEP 11). */
const INTERVAL_MS = 60_000

/** Messages that may come at once: a stalled connection delivers together what was sent minutes apart. */
const MAX_CREDIT = 3

/** Early messages that are ignored before the peer is dropped for flooding. */
const MAX_EARLY = 10

/** The addresses from one peer, as far as they are believed (BEP 11): they may be meant to flood us or their owners. */
export class HeardPeers {
  /** Peers that it claims to be connected with, by host: one host with many ports is nearly always a lie. */
  readonly #live = new Set<string>()
  readonly #sender: AddressScope
  #untried: Candidate[] = []
  #credit = MAX_CREDIT
  #creditAt: number
  #early = 0

  /** @param sender the scope of the peer's address */
  constructor(sender: AddressScope, now: number) {
    this.#sender = sender
    this.#creditAt = now
  }

  /** Decides on a message that has come. `too-early`: it must not be read. */
  arrives(now: number): 'in-time' | 'too-early' | 'flood' {
    const minutes = Math.floor((now - this.#creditAt) / INTERVAL_MS)
    this.#creditAt += minutes * INTERVAL_MS
    this.#credit = Math.min(MAX_CREDIT, this.#credit + minutes)
    if (this.#credit > 0) {
      this.#credit--
      return 'in-time'
    }
    return ++this.#early > MAX_EARLY ? 'flood' : 'too-early'
  }

  /**
   * Adds the new addresses of a message as candidates.
   * @param add returns undefined where the address is known already, not wanted, or there is no room
   * @returns whether any was added
   */
  take({ added, dropped }: PeerExchange, add: (peer: ExchangedPeer) => Candidate | undefined): boolean {
    for (const address of dropped) this.#live.delete(sourceOf(address, scopeOf(address.host)))
    this.#untried = this.#untried.filter(({ state, failures }) => state === 'idle' && failures === 0)
    let isNew = false
    for (const peer of added) {
      if (this.#live.size >= MAX_LIVE || this.#untried.length >= MAX_UNTRIED) break
      const { host } = peer.address
      const scope = scopeOf(host)
      const source = sourceOf(peer.address, scope)
      if (this.#live.has(source) || !isMeaningfulTo(host, this.#sender, scope)) continue
      this.#live.add(source)
      const candidate = add(peer)
      if (candidate === undefined) continue
      this.#untried.push(candidate)
      isNew = true
    }
    return isNew
  }
}

/** The host; with the port on this machine, where several peers share one. */
function sourceOf(address: PeerAddress, scope: AddressScope): string {
  return scope === 'machine' ? formatAddress(address) : address.host
}
