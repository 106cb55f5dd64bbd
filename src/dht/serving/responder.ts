// BEP 5, 32, 33: answers to the queries of others.

import { concatBytes } from '../../base/bytes.js'
import { COMPACT_NODE_LENGTH } from '../../protocol/dht/compact-nodes.js'
import { encodeError, encodeResponse, type ReplyFrame } from '../../protocol/dht/encode.js'
import { type Answer, KrpcErrorCode, type Query, type QueryMessage } from '../../protocol/dht/messages.js'
import type { AddressFamily, PeerAddress } from '../../protocol/peer-address.js'
import { K } from '../limits.js'
import type { LocalNode } from '../local-node.js'
import { PeerStore } from './peer-store.js'
import { ProvenHosts } from './proven-hosts.js'
import { Tokens } from './tokens.js'

type Outcome = Answer | { readonly code: number; readonly fault: string }

/** A part of an answer that may be shortened so that the answer fits. */
type Lists = Pick<Answer, 'values'> & {
  readonly nodes: readonly Uint8Array[] | undefined
  readonly nodes6: readonly Uint8Array[] | undefined
}

export class Responder {
  readonly peers: PeerStore
  readonly proven: ProvenHosts
  readonly #local: LocalNode
  readonly #tokens: Tokens

  constructor(local: LocalNode) {
    this.#local = local
    this.peers = new PeerStore(local.limits, local.world.random)
    this.proven = new ProvenHosts(local.limits)
    this.#tokens = new Tokens(local.world, local.limits)
  }

  /**
   * Answers a query.
   * @param size bytes of the query, which bound those of the answer to a host that is not proven
   */
  answer({ transaction, query }: QueryMessage, size: number, from: PeerAddress, now: number): void {
    const frame: ReplyFrame = { transaction, version: this.#local.version, to: from }
    const outcome = this.#outcome(query, from, now)
    if ('fault' in outcome) {
      this.refuse(transaction, outcome.code, outcome.fault, from)
      return
    }
    const lists = this.#listsFor(query, now)
    this.#local.counters.sentAnswers++
    this.#local.send(this.#fitting(frame, outcome, lists, this.#room(size, from.host, now)), from)
  }

  /** Answers a query with an error. */
  refuse(transaction: Uint8Array, code: number, message: string, from: PeerAddress): void {
    const frame: ReplyFrame = { transaction, version: this.#local.version, to: from }
    this.#local.counters.sentErrors++
    this.#local.send(encodeError(frame, code, message), from)
  }

  #room(size: number, host: string, now: number): number {
    const { datagramBytes, amplification } = this.#local.limits
    return this.proven.has(host, now) ? datagramBytes : Math.min(datagramBytes, amplification * size)
  }

  #outcome(query: Query, from: PeerAddress, now: number): Outcome {
    switch (query.type) {
      case 'ping':
      case 'find_node':
        return {}
      case 'get_peers': {
        const { infoHash } = query
        return {
          token: this.peers.isFull(infoHash) ? undefined : this.#tokens.tokenFor(from.host, infoHash, now),
        }
      }
      case 'announce_peer':
        return this.#announce(query, from, now)
      default:
        return { code: KrpcErrorCode.methodUnknown, fault: 'method unknown' }
    }
  }

  #announce(query: Query & { type: 'announce_peer' }, from: PeerAddress, now: number): Outcome {
    const { infoHash, token, isSeed } = query
    if (!this.#tokens.isValid(token, from.host, infoHash, now)) {
      return { code: KrpcErrorCode.protocol, fault: 'invalid token' }
    }
    this.proven.add(from.host, now)
    const peer = { host: from.host, port: query.isPortImplied ? from.port : query.port }
    const outcome = this.peers.announce(infoHash, peer, isSeed, now)
    return outcome === 'stored' ? {} : { code: KrpcErrorCode.server, fault: 'full' }
  }

  #listsFor(query: Query, now: number): Lists {
    if (query.type === 'ping' || query.type === 'announce_peer' || query.type === 'put') return NO_LISTS
    const target = query.type === 'get_peers' ? query.infoHash : query.target
    const want = query.want.length === 0 ? [this.#local.family] : query.want
    const nodesOf = (family: AddressFamily) =>
      want.includes(family) ? this.#closestOf(family, target, now) : undefined
    const values =
      query.type === 'get_peers'
        ? this.peers.draw(query.infoHash, this.#local.limits.valuesPerAnswer, query.noSeeds, now)
        : undefined
    return {
      values: values?.length === 0 ? undefined : values,
      nodes: nodesOf('ipv4'),
      nodes6: nodesOf('ipv6'),
    }
  }

  /** Undefined where we have no node of this family. */
  #closestOf(family: AddressFamily, target: Uint8Array, now: number): readonly Uint8Array[] | undefined {
    if (family !== this.#local.family) return this.#local.sibling?.closestNodes(target, now)
    return this.#local.table.closest(target, K, now).map(({ compact }) => compact)
  }

  /** The answer with as much of the lists as fits: half of the room for peers, then nodes, then the rest of the peers. */
  #fitting(frame: ReplyFrame, answer: Answer, lists: Lists, room: number): Uint8Array {
    const encode = (values: number, nodes: number, nodes6: number) =>
      encodeResponse(frame, this.#local.id, {
        ...answer,
        values: values === 0 ? undefined : lists.values?.slice(0, values),
        nodes: lists.nodes && concatBytes(lists.nodes.slice(0, nodes)),
        nodes6: lists.nodes6 && concatBytes(lists.nodes6.slice(0, nodes6)),
      })
    const all = {
      values: lists.values?.length ?? 0,
      nodes: lists.nodes?.length ?? 0,
      nodes6: lists.nodes6?.length ?? 0,
    }
    let encoded = encode(all.values, all.nodes, all.nodes6)
    if (encoded.length <= room) return encoded
    // What is cut is estimated by the bytes of an entry, which is exact but for the digits of lengths.
    const cut = { ...all }
    let excess = encoded.length - room
    const shorten = (list: 'values' | 'nodes' | 'nodes6', size: number, least: number) => {
      const entries = Math.max(0, Math.min(cut[list] - least, Math.ceil(excess / size)))
      cut[list] -= entries
      excess -= entries * size
    }
    const valueSize = (lists.values?.[0]?.length ?? 0) + 3
    if (cut.values > 0)
      shorten('values', valueSize, Math.min(cut.values, Math.max(1, Math.floor(room / 2 / valueSize))))
    const isIPv6 = this.#local.family === 'ipv6'
    for (const family of isIPv6 ? FAMILIES : FAMILIES.toReversed()) {
      if (excess > 0) shorten(family === 'ipv4' ? 'nodes' : 'nodes6', COMPACT_NODE_LENGTH[family], 0)
    }
    if (excess > 0 && cut.values > 0) shorten('values', valueSize, 0)
    encoded = encode(cut.values, cut.nodes, cut.nodes6)
    return encoded
  }
}

const FAMILIES: readonly AddressFamily[] = ['ipv4', 'ipv6']

const NO_LISTS: Lists = { values: undefined, nodes: undefined, nodes6: undefined }
