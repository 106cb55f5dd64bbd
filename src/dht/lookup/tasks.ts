// BEP 5: lookups for nodes and for peers.

import { toHex } from '../../base/bytes.js'
import type { NodeInfo } from '../../protocol/dht/compact-nodes.js'
import type { Answer, Query } from '../../protocol/dht/messages.js'
import { type AddressFamily, decodeCompact, type PeerAddress } from '../../protocol/peer-address.js'
import type { AnsweredCandidate } from './candidates.js'
import type { LookupReport, LookupTask } from './lookup.js'

/** An announce to the nodes that are closest to an info hash. */
export interface PeerAnnounce {
  /** On which we accept connections. */
  readonly port: number
  /** Each node takes the port that our datagram comes from instead. */
  readonly isPortImplied: boolean
  /** BEP 33 */
  readonly isSeed: boolean
}

export interface PeersListener {
  /** New ones, as answers come. */
  onPeers(addresses: readonly PeerAddress[]): void
  onEnd(report: LookupReport): void
}

export interface NodesListener {
  onEnd(report: LookupReport): void
}

export class FindNodesTask implements LookupTask {
  readonly target: Uint8Array
  readonly #want: readonly AddressFamily[]
  readonly #onEnd: (report: LookupReport, now: number) => void

  constructor(
    target: Uint8Array,
    want: readonly AddressFamily[],
    onEnd: (report: LookupReport, now: number) => void,
  ) {
    this.target = target
    this.#want = want
    this.#onEnd = onEnd
  }

  query(): Query {
    return { type: 'find_node', target: this.target, want: this.#want }
  }

  ended(report: LookupReport, now: number): void {
    this.#onEnd(report, now)
  }
}

export class FindPeersTask implements LookupTask {
  readonly target: Uint8Array
  readonly #listener: PeersListener
  readonly #announce: PeerAnnounce | undefined
  readonly #limit: number
  readonly #seen = new Set<string>()

  constructor(
    infoHash: Uint8Array,
    listener: PeersListener,
    announce: PeerAnnounce | undefined,
    limit: number,
  ) {
    this.target = infoHash
    this.#listener = listener
    this.#announce = announce
    this.#limit = limit
  }

  query(): Query {
    const noSeeds = this.#announce?.isSeed ?? false
    return { type: 'get_peers', infoHash: this.target, want: [], noSeeds, isScrape: false }
  }

  /** Peers of the other family are let through: some nodes mix them (BEP 32). */
  answered(_: NodeInfo, { values = [] }: Answer): void {
    const peers: PeerAddress[] = []
    for (const compact of values) {
      if (this.#seen.size >= this.#limit) break
      const key = toHex(compact)
      if (this.#seen.has(key)) continue
      const address = decodeCompact(compact)
      if (address === undefined) continue
      this.#seen.add(key)
      peers.push(address)
    }
    if (peers.length > 0) this.#listener.onPeers(peers)
  }

  store({ token }: AnsweredCandidate): Query | undefined {
    if (this.#announce === undefined || token === undefined) return undefined
    return { type: 'announce_peer', infoHash: this.target, token, ...this.#announce }
  }

  ended(report: LookupReport): void {
    this.#listener.onEnd(report)
  }
}
