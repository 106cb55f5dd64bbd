import { concatBytes } from '../../base/bytes.js'
import { encodeNode, type NodeInfo } from '../../protocol/dht/compact-nodes.js'
import { decodeKrpc } from '../../protocol/dht/decode.js'
import { encodeResponse } from '../../protocol/dht/encode.js'
import type { Answer, Query, QueryMessage } from '../../protocol/dht/messages.js'
import { NODE_ID_LENGTH } from '../../protocol/dht/node-id.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import { DhtHost } from './dht-host.js'
import type { DhtNetwork } from './dht-network.js'
import type { Hostility } from './dht-plan.js'

/** Nodes that an answer names. */
const NAMED = 8

/** The port of a Sybil's second node, beside that which takes part like any other. */
const SYBIL_PORT = 6882

/** Any token will do: what is announced here is not kept. */
const TOKEN = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)

/** What hostile hosts know of each other. */
export interface Conspiracy {
  /** Whether they answer as they like from now on. */
  isOn: boolean
  /** Answers that were false. */
  answers: number
  readonly sybils: HostileHost[]
}

/** A host that answers queries as `Hostility` says, while its own node goes on to ask as before. */
export class HostileHost extends DhtHost {
  readonly hostility: Hostility
  readonly #conspiracy: Conspiracy

  constructor(
    id: number,
    address: PeerAddress,
    latencyMs: number,
    seed: number,
    network: DhtNetwork,
    hostility: Hostility,
    conspiracy: Conspiracy,
  ) {
    super(id, address, latencyMs, seed, network)
    this.hostility = hostility
    this.#conspiracy = conspiracy
    if (hostility !== 'sybil') return
    conspiracy.sybils.push(this)
    network.place(this.#second, {
      latencyMs,
      received: (datagram, from) => this.#receivedBySecond(datagram, from),
    })
  }

  override received(datagram: Uint8Array, from: PeerAddress): void {
    const query = this.#conspiracy.isOn ? queryIn(datagram) : undefined
    if (query === undefined) super.received(datagram, from)
    else if (this.hostility !== 'silent') this.#answer(query, this.node.id, this.address, from)
  }

  /** The second node has the id that the target of each query asks for. */
  #receivedBySecond(datagram: Uint8Array, from: PeerAddress): void {
    const query = queryIn(datagram)
    if (query === undefined) return
    const target = targetOf(query.query)
    const id = target === undefined ? this.node.id : idNear(target, this.id)
    this.#answer(query, id, this.#second, from)
  }

  #answer({ transaction, query }: QueryMessage, id: Uint8Array, own: PeerAddress, to: PeerAddress): void {
    const target = targetOf(query)
    const answer: Answer =
      target === undefined
        ? {}
        : {
            nodes: concatBytes(this.#named(target).flatMap(node => encodeNode(node) ?? [])),
            token: query.type === 'get_peers' ? TOKEN : undefined,
          }
    this.#conspiracy.answers++
    const datagram = encodeResponse({ transaction, version: undefined, to }, id, answer)
    this.network.send(datagram, own, this.latencyMs, to)
  }

  #named(target: Uint8Array): NodeInfo[] {
    const places = Array.from({ length: NAMED }, (_, place) => place)
    switch (this.hostility) {
      case 'silent':
        return []
      case 'self':
        return [{ id: this.node.id, address: this.address }]
      case 'liar':
        return places.map(() => ({
          id: idNear(target, this.random.below(2 ** 16)),
          address: { host: randomHost(this.random), port: this.address.port },
        }))
      case 'sybil': {
        const { sybils } = this.#conspiracy
        return places.flatMap(() => {
          const sybil = sybils[this.random.below(sybils.length)]
          return sybil === undefined ? [] : [{ id: idNear(target, sybil.id), address: sybil.#second }]
        })
      }
    }
  }

  get #second(): PeerAddress {
    return { host: this.address.host, port: SYBIL_PORT }
  }
}

/** A random IPv4 address of the internet. */
export function randomHost(random: { below(limit: number): number }): string {
  return `${20 + random.below(80)}.${random.below(256)}.${random.below(256)}.${1 + random.below(254)}`
}

function queryIn(datagram: Uint8Array): QueryMessage | undefined {
  const message = decodeKrpc(datagram)
  return typeof message === 'object' && message.type === 'query' ? message : undefined
}

/** The target of a query that is answered with nodes. */
function targetOf(query: Query): Uint8Array | undefined {
  if (query.type === 'get_peers') return query.infoHash
  return query.type === 'find_node' ? query.target : undefined
}

/** An id closer to the target than that of any honest node: it differs in the last two bytes alone. */
function idNear(target: Uint8Array, number: number): Uint8Array {
  const id = target.slice()
  id[NODE_ID_LENGTH - 2] = number >>> 8
  id[NODE_ID_LENGTH - 1] = number & 0xff
  return id
}
