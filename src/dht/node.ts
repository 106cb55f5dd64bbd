// BEP 5, 32, 42, 43: a node of the DHT of one family.

import { equalBytes } from '../base/bytes.js'
import type { NodeInfo } from '../protocol/dht/compact-nodes.js'
import { decodeKrpc } from '../protocol/dht/decode.js'
import { hashedBytes } from '../protocol/dht/items.js'
import type {
  BadQueryMessage,
  ErrorMessage,
  Query,
  QueryMessage,
  ResponseMessage,
  StoredValue,
} from '../protocol/dht/messages.js'
import { isSecureId, makeSecureId } from '../protocol/dht/secure-id.js'
import { type AddressFamily, isPort, type PeerAddress } from '../protocol/peer-address.js'
import { Bootstrap } from './bootstrap.js'
import { K } from './limits.js'
import { type DhtOptions, LocalNode, type SiblingNode } from './local-node.js'
import { type SampleListener, SampleTask, type ScrapeListener, ScrapeTask } from './lookup/count-tasks.js'
import { GetItemTask, type ItemListener, PutItemTask } from './lookup/item-tasks.js'
import { type LookupHandle, Lookups } from './lookup/lookups.js'
import {
  FindNodesTask,
  FindPeersTask,
  type NodesListener,
  type PeerAnnounce,
  type PeersListener,
} from './lookup/tasks.js'
import { nodesNamed } from './nodes-named.js'
import { OutsideHost } from './outside-host.js'
import { Pings } from './pings.js'
import { Queries } from './queries.js'
import { QueryRate } from './serving/query-rate.js'
import { Responder } from './serving/responder.js'
import type { DhtStatus, SavedDht } from './status.js'
import type { TableNode } from './table/bucket.js'
import type { DhtWorld } from './world.js'

/** Nodes that are saved, the best ones. */
const SAVED_NODES = 200

const PING: Query = { type: 'ping' }
const NO_SALT = new Uint8Array(0)

/**
 * A node of the DHT. Time and datagrams come in as arguments, and datagrams go out through `DhtWorld.send`. The user of a node calls
 * `received` for each datagram, and `onTime` when `nextTimeAt` has come; any call may change `nextTimeAt`. `now` is milliseconds
 * from any beginning, and never runs backwards. Listeners are called within these calls.
 */
export class DhtNode implements SiblingNode {
  readonly #local: LocalNode
  readonly #queries: Queries
  readonly #pings: Pings
  readonly #lookups: Lookups
  readonly #bootstrap: Bootstrap
  readonly #rate: QueryRate
  readonly #responder: Responder
  readonly #outsideHost = new OutsideHost()
  #upkeepAt = Number.POSITIVE_INFINITY
  #expiryAt = Number.POSITIVE_INFINITY

  constructor(world: DhtWorld, options: DhtOptions) {
    const local = new LocalNode(world, options)
    this.#local = local
    this.#queries = new Queries(local, {
      nodeAnswered: this.#nodeAnswered.bind(this),
      nodeSilent: this.#nodeSilent.bind(this),
      outsideHostSeen: this.#outsideHostSeen.bind(this),
    })
    this.#pings = new Pings(local.limits, this.#queries, {
      answered: ({ address }, answer, now) => this.nodesNamed(nodesNamed(answer, address, local, now), now),
      ended: now => this.#bootstrap.pingsEnded(now),
    })
    const mayBegin = () => this.#bootstrap.phase !== 'bootstrapping'
    this.#lookups = new Lookups(local, this.#queries, mayBegin, () => this.#bootstrap.entrances)
    this.#bootstrap = new Bootstrap(local, this.#pings, this.#lookups, options.saved?.nodes ?? [])
    this.#rate = new QueryRate(local.limits)
    this.#responder = new Responder(local, this.#queries)
  }

  get id(): Uint8Array {
    return this.#local.id
  }

  get family(): AddressFamily {
    return this.#local.family
  }

  /** When `onTime` is to be called next; infinite where nothing is waited for. */
  get nextTimeAt(): number {
    return Math.min(this.#queries.nextTimeAt, this.#bootstrap.nextTimeAt, this.#upkeepAt, this.#expiryAt)
  }

  /** A datagram has come. It may be anything: what is none of the protocol is dropped and counted (`status`). */
  received(datagram: Uint8Array, from: PeerAddress, now: number): void {
    this.#local.counters.receivedBytes += datagram.length
    if (!this.#local.isOfFamily(from.host) || !isPort(from.port)) {
      this.#local.drop('wrong-sender')
      return
    }
    const message = decodeKrpc(datagram)
    if (typeof message === 'string') this.#local.drop(message)
    else if (message.type === 'query' || message.type === 'bad-query')
      this.#receivedQuery(message, datagram.length, from, now)
    else this.#receivedAnswer(message, from, now)
  }

  onTime(now: number): void {
    this.#queries.onTime(now)
    this.#bootstrap.onTime(now)
    if (now >= this.#upkeepAt) this.#upkeep(now)
    if (now >= this.#expiryAt) this.#expire(now)
  }

  /** Begins with these nodes: routers, `nodes` of a torrent. They are asked again where all nodes are gone. */
  bootstrap(addresses: readonly PeerAddress[], now: number): void {
    const own = addresses.filter(({ host, port }) => this.#local.isOfFamily(host) && isPort(port))
    this.#bootstrap.start(own, now)
  }

  /** There may be a node at this address: a peer said so (`port` message). */
  nodeHeardOf(address: PeerAddress, now: number): void {
    if (!this.#local.isOfFamily(address.host) || !isPort(address.port)) return
    if (this.#local.table.nodeAt(address) === undefined) this.#pings.add(address, PING, now)
  }

  /**
   * Looks for the peers of a torrent (`get_peers`), and then, where `announce` is given, tells the closest nodes of us.
   * While the first nodes are being asked, or as many lookups are under way as may be, it waits.
   */
  findPeers(
    infoHash: Uint8Array,
    listener: PeersListener,
    now: number,
    announce?: PeerAnnounce,
  ): LookupHandle {
    const task = new FindPeersTask(infoHash, listener, announce, this.#local.limits.peersPerLookup)
    return this.#lookups.add(task, now)
  }

  /** Looks for the nodes closest to a target. */
  findNodes(target: Uint8Array, listener: NodesListener, now: number): LookupHandle {
    return this.#lookups.add(new FindNodesTask(target, [], report => listener.onEnd(report)), now)
  }

  /** Estimates how many seeds and other peers a torrent has (BEP 33). */
  scrape(infoHash: Uint8Array, listener: ScrapeListener, now: number): LookupHandle {
    return this.#lookups.add(new ScrapeTask(infoHash, listener, this.#local.world), now)
  }

  /** Asks the nodes on the way to a target for samples of the info hashes that they hold (BEP 51). */
  sample(target: Uint8Array, listener: SampleListener, now: number): LookupHandle {
    return this.#lookups.add(new SampleTask(target, listener), now)
  }

  /**
   * Looks for an item (BEP 44).
   * @param target SHA-1 of the value of an immutable item; of key and salt of a mutable one
   * @param salt of a mutable item, if it has one
   */
  get(target: Uint8Array, listener: ItemListener, now: number, salt: Uint8Array = NO_SALT): LookupHandle {
    return this.#lookups.add(new GetItemTask(target, salt, listener, this.#local.world), now)
  }

  /**
   * Stores an item at the nodes closest to its target (BEP 44).
   * @param item a mutable one is signed already (`signedBytes`)
   * @param expectedSequence of the item that it may replace, so that no other writer's is lost (`cas`)
   */
  put(item: StoredValue, listener: NodesListener, now: number, expectedSequence?: number): LookupHandle {
    const target = this.#local.world.sha1(hashedBytes(item))
    return this.#lookups.add(new PutItemTask(item, target, expectedSequence, listener), now)
  }

  /** The figures of this node. */
  status(now: number): DhtStatus {
    const { family, id, isReadOnly, table, counters } = this.#local
    const { peers, items } = this.#responder.answers
    return {
      family,
      id,
      phase: this.#bootstrap.phase,
      isReadOnly,
      outsideHost: this.#outsideHost.agreed,
      nodes: table.counts(now),
      buckets: table.bucketCount,
      lookups: { active: this.#lookups.activeCount, waiting: this.#lookups.waitingCount },
      ...counters.figures(),
      stored: { hashes: peers.hashCount, peers: peers.peerCount, items: items.count, itemBytes: items.bytes },
    }
  }

  /** The facts to keep for the next session. */
  saved(): SavedDht {
    const nodes = [...this.#local.table.nodes()].filter(({ failures }) => failures === 0)
    nodes.sort((a, b) => b.heardAt - a.heardAt)
    return { id: this.id, nodes: nodes.slice(0, SAVED_NODES).map(({ address }) => address) }
  }

  /** Makes this node answer, and find nodes, together with the one of the other family (BEP 32). */
  pairWith(sibling: SiblingNode): void {
    this.#local.sibling = sibling
  }

  closestNodes(target: Uint8Array, now: number): readonly Uint8Array[] {
    return this.#local.table.closest(target, K, now).map(({ compact }) => compact)
  }

  nodesNamed(nodes: readonly NodeInfo[], now: number): void {
    for (const node of nodes) this.#heardOf(node, now)
  }

  #receivedQuery(
    message: QueryMessage | BadQueryMessage,
    size: number,
    from: PeerAddress,
    now: number,
  ): void {
    if (this.#local.isReadOnly) {
      this.#local.drop('read-only')
    } else if (!this.#rate.take(from.host, now)) {
      this.#local.drop('rate-limited')
    } else if (message.type === 'bad-query') {
      this.#responder.refuse(message.transaction, message.code, message.message, from)
    } else if (equalBytes(message.id, this.id)) {
      this.#local.drop('own-id')
    } else {
      this.#local.counters.receivedQueries[message.query.type]++
      this.#responder.answer(message, size, from, now)
      if (this.#expiryAt === Number.POSITIVE_INFINITY && this.#responder.answers.holdsSomething) {
        this.#expiryAt = now + this.#local.limits.expiryMs
      }
      const isKnown = this.#local.table.asked({ id: message.id, address: from }, now)
      if (!isKnown && !message.isReadOnly) this.#heardOf({ id: message.id, address: from }, now)
    }
  }

  #receivedAnswer(message: ResponseMessage | ErrorMessage, from: PeerAddress, now: number): void {
    if (message.type === 'response' && equalBytes(message.id, this.id)) {
      this.#local.drop('own-id')
      return
    }
    const fault = this.#queries.received(message, from, now)
    if (fault !== undefined) {
      this.#local.drop(fault)
      return
    }
    if (message.type === 'response') this.#local.counters.receivedAnswers++
    else this.#local.counters.receivedErrors++
    this.#responder.proven.add(from.host, now)
  }

  #nodeAnswered(node: NodeInfo, now: number): void {
    this.#pingAgain(this.#local.table.answered(node, now), now)
    this.#bootstrap.nodeAnswered(now)
    if (this.#upkeepAt === Number.POSITIVE_INFINITY) this.#upkeepAt = now + this.#local.limits.upkeepMs
  }

  #nodeSilent(address: PeerAddress, sentAt: number, now: number): void {
    this.#pingAgain(this.#local.table.silent(address, sentAt, now), now)
  }

  /** The id has to be one that a node at our address may have (BEP 42). */
  #outsideHostSeen(bytes: Uint8Array, { host: voter }: PeerAddress, now: number): void {
    if (!this.#outsideHost.vote(bytes, voter)) return
    const host = this.#outsideHost.agreed
    if (host === undefined || !this.#local.isOfFamily(host) || isSecureId(this.id, host)) return
    this.#local.moveTo(makeSecureId(host, this.#local.world.random), now)
    this.#bootstrap.again(now)
  }

  /** Whether a node is still there decides about a place in its bucket. */
  #pingAgain(node: TableNode | undefined, now: number): void {
    if (node === undefined) return
    node.pingedAt = now
    this.#pings.add(node.address, PING, now)
  }

  /** A node has asked us, or another one named it: it is pinged where there is a place for it. */
  #heardOf(node: NodeInfo, now: number): void {
    if (this.#local.table.hasPlaceFor(node, now)) this.#pings.add(node.address, PING, now)
  }

  #upkeep(now: number): void {
    const { table, limits, world } = this.#local
    this.#upkeepAt = now + limits.upkeepMs
    if (table.closest(this.id, 1, now).length === 0) this.#bootstrap.again(now)
    this.#pingAgain(table.mostQuestionable(now), now)
    const target = table.targetToRefresh(now, world.random)
    if (target !== undefined) this.#lookups.begin(new FindNodesTask(target, [], () => undefined), now)
  }

  #expire(now: number): void {
    const isHolding = this.#responder.answers.expire(now)
    this.#expiryAt = isHolding ? now + this.#local.limits.expiryMs : Number.POSITIVE_INFINITY
  }
}
