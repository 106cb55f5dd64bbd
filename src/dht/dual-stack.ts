// BEP 32, 45: a node for IPv4 and one for IPv6, side by side, each with an id of its own.

import type { StoredValue } from '../protocol/dht/messages.js'
import type { AddressFamily, PeerAddress } from '../protocol/peer-address.js'
import type { DhtOptions } from './local-node.js'
import type { SampleListener, ScrapeListener } from './lookup/count-tasks.js'
import type { ItemListener } from './lookup/item-tasks.js'
import { mergedReport } from './lookup/lookup.js'
import type { LookupHandle } from './lookup/lookups.js'
import type { NodesListener, PeerAnnounce, PeersListener } from './lookup/tasks.js'
import { DhtNode } from './node.js'
import type { DhtStatus, SavedDht } from './status.js'
import type { DhtWorld } from './world.js'

export interface DualStackOptions extends Omit<DhtOptions, 'family' | 'saved'> {
  /** Those that can be sent to: one or both. */
  readonly families: readonly AddressFamily[]
  /** Of the last session. */
  readonly saved?: SavedDualStack | undefined
}

/** The facts that are kept between sessions, by family. */
export type SavedDualStack = Readonly<Partial<Record<AddressFamily, SavedDht>>>

/**
 * The nodes of all families as one: used like a `DhtNode`. Each answers with nodes of the other where it is asked for them, and
 * both are asked together.
 */
export class DualStackDht {
  readonly #nodes: readonly DhtNode[]

  constructor(world: DhtWorld, { families, saved, ...options }: DualStackOptions) {
    this.#nodes = families.map(family => new DhtNode(world, { ...options, family, saved: saved?.[family] }))
    const [first, second] = this.#nodes
    if (first === undefined || second === undefined) return
    first.pairWith(second)
    second.pairWith(first)
  }

  /** When `onTime` is to be called next; infinite where nothing is waited for. */
  get nextTimeAt(): number {
    return Math.min(...this.#nodes.map(({ nextTimeAt }) => nextTimeAt))
  }

  received(datagram: Uint8Array, from: PeerAddress, now: number): void {
    const family = from.host.includes(':') ? 'ipv6' : 'ipv4'
    this.#nodes.find(node => node.family === family)?.received(datagram, from, now)
  }

  onTime(now: number): void {
    for (const node of this.#nodes) if (node.nextTimeAt <= now) node.onTime(now)
  }

  bootstrap(addresses: readonly PeerAddress[], now: number): void {
    for (const node of this.#nodes) node.bootstrap(addresses, now)
  }

  nodeHeardOf(address: PeerAddress, now: number): void {
    for (const node of this.#nodes) node.nodeHeardOf(address, now)
  }

  /** As `DhtNode.findPeers`, in both; `onEnd` is called once, when both have ended, with the sum of both. */
  findPeers(
    infoHash: Uint8Array,
    listener: PeersListener,
    now: number,
    announce?: PeerAnnounce,
  ): LookupHandle {
    const onEnd = this.#once(listener)
    const each = { onPeers: listener.onPeers.bind(listener), onEnd }
    return together(this.#nodes.map(node => node.findPeers(infoHash, each, now, announce)))
  }

  /** As `DhtNode.findNodes`, in both. */
  findNodes(target: Uint8Array, listener: NodesListener, now: number): LookupHandle {
    const onEnd = this.#once(listener)
    return together(this.#nodes.map(node => node.findNodes(target, { onEnd }, now)))
  }

  /** As `DhtNode.scrape`, in both; a torrent counts as many peers as the family that has more of them. */
  scrape(infoHash: Uint8Array, listener: ScrapeListener, now: number): LookupHandle {
    const most = { seeds: 0, peers: 0 }
    const onEnd = this.#once({ onEnd: report => listener.onEnd(most, report) })
    const each: ScrapeListener = {
      onEnd: ({ seeds, peers }, report) => {
        most.seeds = Math.max(most.seeds, seeds)
        most.peers = Math.max(most.peers, peers)
        onEnd(report)
      },
    }
    return together(this.#nodes.map(node => node.scrape(infoHash, each, now)))
  }

  /** As `DhtNode.sample`, in both. */
  sample(target: Uint8Array, listener: SampleListener, now: number): LookupHandle {
    const each = { onSamples: listener.onSamples.bind(listener), onEnd: this.#once(listener) }
    return together(this.#nodes.map(node => node.sample(target, each, now)))
  }

  /** As `DhtNode.get`, in both: each may find the item. */
  get(target: Uint8Array, listener: ItemListener, now: number, salt?: Uint8Array): LookupHandle {
    const each = { onItem: listener.onItem.bind(listener), onEnd: this.#once(listener) }
    return together(this.#nodes.map(node => node.get(target, each, now, salt)))
  }

  /** As `DhtNode.put`, in both. */
  put(item: StoredValue, listener: NodesListener, now: number, expectedSequence?: number): LookupHandle {
    const onEnd = this.#once(listener)
    return together(this.#nodes.map(node => node.put(item, { onEnd }, now, expectedSequence)))
  }

  /** The figures of each node. */
  status(now: number): DhtStatus[] {
    return this.#nodes.map(node => node.status(now))
  }

  saved(): SavedDualStack {
    return Object.fromEntries(this.#nodes.map(node => [node.family, node.saved()]))
  }

  /** Waits for the reports of all nodes. */
  #once(listener: NodesListener): NodesListener['onEnd'] {
    const reports: Parameters<NodesListener['onEnd']>[0][] = []
    return report => {
      reports.push(report)
      if (reports.length === this.#nodes.length) listener.onEnd(mergedReport(reports))
    }
  }
}

function together(handles: readonly LookupHandle[]): LookupHandle {
  return {
    cancel: now => {
      for (const handle of handles) handle.cancel(now)
    },
  }
}
