// BEP 5, 32, 33, 44, 51: what queries are answered with.

import { fromHex } from '../../base/bytes.js'
import { BloomFilter } from '../../protocol/dht/bloom-filter.js'
import { type Answer, KrpcErrorCode, type Query } from '../../protocol/dht/messages.js'
import type { AddressFamily, PeerAddress } from '../../protocol/peer-address.js'
import { K } from '../limits.js'
import type { LocalNode } from '../local-node.js'
import { type AnswerLists, NO_LISTS } from './fitting.js'
import { ItemStore, type PutFault } from './item-store.js'
import { PeerStore } from './peer-store.js'
import { SampledHashes } from './sampled-hashes.js'
import { Tokens } from './tokens.js'

/** An answer of any length. */
export interface AnswerOutcome {
  readonly type: 'answer'
  readonly answer: Answer
  readonly lists: AnswerLists
  /** The answer for a host that may not have asked; undefined where the answer is cut like any other. */
  readonly brief: Answer | undefined
  /** A token has shown that the host receives what is sent to it. */
  readonly isProof: boolean
}

/** An answer, or why there is none. */
export type Outcome = AnswerOutcome | ({ readonly type: 'fault' } & PutFault)

const NOTHING: AnswerOutcome = {
  type: 'answer',
  answer: {},
  lists: NO_LISTS,
  brief: undefined,
  isProof: false,
}
const STORED: AnswerOutcome = { ...NOTHING, isProof: true }

export class Answers {
  readonly peers: PeerStore
  readonly items: ItemStore
  readonly #local: LocalNode
  readonly #tokens: Tokens
  readonly #samples: SampledHashes

  constructor(local: LocalNode) {
    const { world, limits } = local
    this.#local = local
    this.peers = new PeerStore(limits, world.random)
    this.items = new ItemStore(world, limits)
    this.#tokens = new Tokens(world, limits)
    this.#samples = new SampledHashes(this.peers, limits)
  }

  outcomeOf(query: Query, from: PeerAddress, now: number): Outcome {
    switch (query.type) {
      case 'ping':
        return NOTHING
      case 'find_node':
        return { ...NOTHING, lists: this.#nodesFor(query.target, query.want, now) }
      case 'get_peers':
        return this.#peers(query, from, now)
      case 'announce_peer':
        return this.#announce(query, from, now)
      case 'get':
        return this.#item(query, from, now)
      case 'put':
        return this.#put(query, from, now)
      case 'sample_infohashes': {
        const { hashes, interval } = this.#samples.at(now)
        const answer = { interval, storedHashes: this.peers.hashCount }
        const samples = hashes.flatMap(hash => fromHex(hash) ?? [])
        return {
          ...NOTHING,
          answer,
          brief: answer,
          lists: { ...this.#nodesFor(query.target, query.want, now), samples },
        }
      }
    }
  }

  /** Drops what was not announced or stored again in time; true while anything is stored. */
  expire(now: number): boolean {
    this.peers.expire(now)
    this.items.expire(now)
    return this.holdsSomething
  }

  get holdsSomething(): boolean {
    return this.peers.hashCount > 0 || this.items.count > 0
  }

  #peers(query: Query & { type: 'get_peers' }, from: PeerAddress, now: number): Outcome {
    const { infoHash, want, noSeeds, isScrape } = query
    const values = this.peers.draw(infoHash, this.#local.limits.valuesPerAnswer, noSeeds, now)
    const lists = { ...this.#nodesFor(infoHash, want, now), values }
    const token = this.peers.isFull(infoHash) ? undefined : this.#tokens.tokenFor(from.host, infoHash, now)
    const filters = isScrape ? this.#filtersOf(infoHash, now) : undefined
    if (filters === undefined) return { ...NOTHING, answer: { token }, lists }
    return { ...NOTHING, answer: { token, ...filters }, brief: { token }, lists }
  }

  /** Undefined where nothing is stored (BEP 33). */
  #filtersOf(infoHash: Uint8Array, now: number): Pick<Answer, 'seedFilter' | 'peerFilter'> | undefined {
    const peers = this.peers.all(infoHash, now)
    if (peers.length === 0) return undefined
    const { sha1 } = this.#local.world
    const seeds = new BloomFilter(sha1)
    const others = new BloomFilter(sha1)
    for (const { host, isSeed } of peers) (isSeed ? seeds : others).add(host)
    return { seedFilter: seeds.bytes, peerFilter: others.bytes }
  }

  #announce(query: Query & { type: 'announce_peer' }, from: PeerAddress, now: number): Outcome {
    const { infoHash, token, isSeed, isPortImplied, port } = query
    if (!this.#tokens.isValid(token, from.host, infoHash, now)) return INVALID_TOKEN
    const peer = { host: from.host, port: isPortImplied ? from.port : port }
    const outcome = this.peers.announce(infoHash, peer, isSeed, now)
    return outcome === 'stored' ? STORED : { type: 'fault', code: KrpcErrorCode.server, fault: 'full' }
  }

  #item(query: Query & { type: 'get' }, from: PeerAddress, now: number): Outcome {
    const { target, want, sequence } = query
    const lists = this.#nodesFor(target, want, now)
    const token = this.#tokens.tokenFor(from.host, target, now)
    const item = this.items.get(target, now)
    if (item === undefined) return { ...NOTHING, answer: { token }, lists }
    if (item.type === 'immutable') {
      return { ...NOTHING, answer: { token, value: item.value }, brief: { token }, lists }
    }
    const brief = { token, sequence: item.sequence }
    if (sequence !== undefined && item.sequence <= sequence) return { ...NOTHING, answer: brief, lists }
    const { publicKey, signature, value } = item
    return { ...NOTHING, answer: { ...brief, publicKey, signature, value }, brief, lists }
  }

  #put(query: Query & { type: 'put' }, from: PeerAddress, now: number): Outcome {
    const { item, token, expectedSequence } = query
    const target = this.items.targetOf(item)
    if (!this.#tokens.isValid(token, from.host, target, now)) return INVALID_TOKEN
    const fault = this.items.put(item, target, expectedSequence, from.host, now)
    return fault === undefined ? STORED : { type: 'fault', ...fault }
  }

  #nodesFor(target: Uint8Array, want: readonly AddressFamily[], now: number): AnswerLists {
    const { family, sibling, table } = this.#local
    const families = want.length === 0 ? [family] : want
    const closest = (of: AddressFamily) => {
      if (!families.includes(of)) return undefined
      if (of !== family) return sibling?.closestNodes(target, now)
      return table.closest(target, K, now).map(({ compact }) => compact)
    }
    return { ...NO_LISTS, nodes: closest('ipv4'), nodes6: closest('ipv6') }
  }
}

const INVALID_TOKEN: Outcome = { type: 'fault', code: KrpcErrorCode.protocol, fault: 'invalid token' }
