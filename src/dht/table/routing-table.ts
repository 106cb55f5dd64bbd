// BEP 5: the routing table.

import { equalBytes } from '../../base/bytes.js'
import type { Random } from '../../base/random.js'
import { encodeNode, type NodeInfo } from '../../protocol/dht/compact-nodes.js'
import { commonBits, NODE_ID_BITS, randomIdBeside } from '../../protocol/dht/node-id.js'
import { isSecureId } from '../../protocol/dht/secure-id.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import { type DhtLimits, K } from '../limits.js'
import { Bucket, type NodeStanding, standingOf, type TableNode } from './bucket.js'
import { closestIn } from './closest.js'
import { networkKey, nodeKey } from './host-keys.js'

/**
 * The nodes that have answered us, in buckets of `K` by how many of the first bits of their ids are those of our own. Nodes that have
 * answered longest stay: a new one comes in where there is room, in place of a bad one, or in place of one whose id is not valid for
 * its address (BEP 42). One node a host, two a network and bucket.
 */
export class RoutingTable {
  #id: Uint8Array
  readonly #limits: DhtLimits
  /** The last one has all ids that are closer than those of the one before: it alone is split. */
  #buckets: Bucket[] = []
  readonly #byKey = new Map<string, TableNode>()

  constructor(id: Uint8Array, limits: DhtLimits) {
    this.#id = id
    this.#limits = limits
  }

  get bucketCount(): number {
    return this.#buckets.length
  }

  /** The number of nodes of each standing, and of those that wait to replace one. */
  counts(now: number): Readonly<Record<NodeStanding | 'replacements', number>> {
    const counts = { good: 0, questionable: 0, bad: 0, replacements: 0 }
    for (const { nodes, replacements } of this.#buckets) {
      for (const node of nodes) counts[this.#standing(node, now)]++
      counts.replacements += replacements.length
    }
    return counts
  }

  /** All nodes but the replacements. */
  *nodes(): Generator<TableNode> {
    for (const { nodes } of this.#buckets) yield* nodes
  }

  /** The node at this address, if it is known. */
  nodeAt(address: PeerAddress): TableNode | undefined {
    const node = this.#byKey.get(nodeKey(address))
    return node?.address.port === address.port ? node : undefined
  }

  /**
   * A node has answered.
   * @returns a node that should be pinged, since this one could take its place
   */
  answered(info: NodeInfo, now: number): TableNode | undefined {
    const known = this.#byKey.get(nodeKey(info.address))
    if (known !== undefined) {
      const isSame = known.address.port === info.address.port && equalBytes(known.id, info.id)
      if (isSame) {
        this.#refresh(known, now)
        return undefined
      }
      // A host has one node; another port or id of it counts once the first is gone, or was only ever another one's claim.
      const isMoved = known.address.port === info.address.port
      if (!isMoved && this.#standing(known, now) !== 'bad') return undefined
      this.#forget(known)
    }
    const node = this.#make(info, now)
    return node === undefined ? undefined : this.#insert(node, now)
  }

  /** A node has sent a query. True where it is in the table, with this id. */
  asked({ id, address }: NodeInfo, now: number): boolean {
    const node = this.nodeAt(address)
    if (node === undefined || !equalBytes(node.id, id)) return false
    node.heardAt = now
    return true
  }

  /**
   * A node has not answered a query that was sent at `sentAt`.
   * @returns a node that should be pinged once more before another takes its place
   */
  silent(address: PeerAddress, sentAt: number, now: number): TableNode | undefined {
    const node = this.nodeAt(address)
    if (node === undefined || node.answeredAt >= sentAt) return undefined
    node.failures++
    const bucket = this.#bucketOf(node.id)
    if (this.#standing(node, now) !== 'bad') {
      return bucket !== undefined && bucket.replacements.length > 0 ? node : undefined
    }
    if (bucket?.replacements.includes(node)) {
      this.#forget(node)
    } else if (bucket !== undefined) {
      const next = bucket.replacements.pop()
      if (next === undefined) return undefined
      this.#forget(node)
      bucket.nodes.push(next)
      bucket.changedAt = now
    }
    return undefined
  }

  /** True where a node that is only heard of could come in, so that a ping to it is worth while. */
  hasPlaceFor({ id, address }: NodeInfo, now: number): boolean {
    if (equalBytes(id, this.#id) || this.#byKey.has(nodeKey(address))) return false
    const bucket = this.#bucketOf(id)
    if (bucket === undefined) return true
    const network = networkKey(address.host)
    if (network !== undefined && bucket.countOf(network) >= this.#limits.nodesPerNetwork) return false
    if (bucket.nodes.length < K || this.#canSplit(bucket)) return true
    if (bucket.replacements.length < this.#limits.replacements) return true
    return bucket.nodes.some(node => this.#standing(node, now) !== 'good')
  }

  /**
   * The nodes closest to a target, the closest first. Bad ones are left out, and questionable ones, too, unless there are fewer
   * than `count` good ones.
   */
  closest(target: Uint8Array, count: number, now: number): TableNode[] {
    const own = commonBits(this.#id, target)
    const good = closestIn(this.#buckets, own, target, count, node => this.#standing(node, now) === 'good')
    if (good.length === count) return good
    return closestIn(this.#buckets, own, target, count, node => this.#standing(node, now) !== 'bad')
  }

  /** The node that was not heard of for longest, if that is 15 minutes; one that was pinged within a minute is left out. */
  mostQuestionable(now: number): TableNode | undefined {
    let found: TableNode | undefined
    for (const node of this.nodes()) {
      if (this.#standing(node, now) === 'good' || now - node.pingedAt < PING_PAUSE_MS) continue
      if (found === undefined || node.heardAt < found.heardAt) found = node
    }
    return found
  }

  /** A random id in a bucket that has not changed for 15 minutes, which counts as changed from now on. */
  targetToRefresh(now: number, random: Random): Uint8Array | undefined {
    const index = this.#buckets.findIndex(({ changedAt }) => now - changedAt >= this.#limits.freshMs)
    const bucket = this.#buckets[index]
    if (bucket === undefined) return undefined
    bucket.changedAt = now
    return randomIdBeside(this.#id, index, random)
  }

  /** A random id in each bucket that has room, but for the last, which has our own id. */
  targetsToFill(random: Random): Uint8Array[] {
    return this.#buckets
      .slice(0, -1)
      .flatMap(({ nodes }, index) => (nodes.length < K ? [randomIdBeside(this.#id, index, random)] : []))
  }

  /** Our id has changed: the nodes are put into the buckets of the new one. */
  moveTo(id: Uint8Array, now: number): void {
    const nodes = this.#buckets.flatMap(bucket => [...bucket.nodes, ...bucket.replacements])
    this.#id = id
    this.#buckets = []
    this.#byKey.clear()
    for (const node of nodes) this.#insert(node, now)
  }

  #make({ id, address }: NodeInfo, now: number): TableNode | undefined {
    const compact = encodeNode({ id, address })
    if (compact === undefined || equalBytes(id, this.#id)) return undefined
    return {
      id: id.slice(),
      address,
      compact,
      isSecure: isSecureId(id, address.host),
      key: nodeKey(address),
      network: networkKey(address.host),
      answeredAt: now,
      heardAt: now,
      pingedAt: now,
      failures: 0,
    }
  }

  #refresh(node: TableNode, now: number): void {
    node.answeredAt = now
    node.heardAt = now
    node.failures = 0
    const bucket = this.#bucketOf(node.id)
    if (bucket === undefined) return
    if (bucket.replacements.includes(node)) {
      bucket.replacements = [...bucket.replacements.filter(other => other !== node), node]
    } else {
      bucket.changedAt = now
    }
  }

  #insert(node: TableNode, now: number): TableNode | undefined {
    if (this.#buckets.length === 0) this.#buckets.push(new Bucket(now))
    for (;;) {
      const bucket = this.#bucketOf(node.id)
      if (bucket === undefined) return undefined
      if (node.network !== undefined && bucket.countOf(node.network) >= this.#limits.nodesPerNetwork)
        return undefined
      if (bucket.nodes.length < K) {
        this.#add(node, bucket, now)
        return undefined
      }
      if (!this.#canSplit(bucket)) return this.#insertIntoFull(node, bucket, now)
      this.#split(bucket, now)
    }
  }

  #insertIntoFull(node: TableNode, bucket: Bucket, now: number): TableNode | undefined {
    const bad = bucket.nodes.find(other => this.#standing(other, now) === 'bad')
    if (bad !== undefined) {
      this.#forget(bad)
      this.#add(node, bucket, now)
      return undefined
    }
    const insecure = node.isSecure ? bucket.nodes.find(other => !other.isSecure) : undefined
    if (insecure !== undefined) {
      bucket.nodes = bucket.nodes.filter(other => other !== insecure)
      this.#add(node, bucket, now)
      this.#keepAsReplacement(insecure, bucket)
      return undefined
    }
    this.#byKey.set(node.key, node)
    this.#keepAsReplacement(node, bucket)
    return leastHeard(
      bucket.nodes.filter(
        other => this.#standing(other, now) === 'questionable' && now - other.pingedAt >= PING_PAUSE_MS,
      ),
    )
  }

  #add(node: TableNode, bucket: Bucket, now: number): void {
    bucket.nodes.push(node)
    bucket.changedAt = now
    this.#byKey.set(node.key, node)
  }

  #keepAsReplacement(node: TableNode, bucket: Bucket): void {
    bucket.replacements.push(node)
    if (bucket.replacements.length <= this.#limits.replacements) return
    const oldest = bucket.replacements.shift()
    if (oldest !== undefined) this.#byKey.delete(oldest.key)
  }

  #forget(node: TableNode): void {
    this.#bucketOf(node.id)?.remove(node)
    this.#byKey.delete(node.key)
  }

  #standing(node: TableNode, now: number): NodeStanding {
    return standingOf(node, now, this.#limits)
  }

  #canSplit(bucket: Bucket): boolean {
    return bucket === this.#buckets.at(-1) && this.#buckets.length < this.#limits.buckets
  }

  /** The last bucket keeps the ids that differ in its bit; those that are closer go on to a new one. */
  #split(bucket: Bucket, now: number): void {
    const index = this.#buckets.length - 1
    const next = new Bucket(now)
    next.changedAt = bucket.changedAt
    const isCloser = (node: TableNode) => commonBits(this.#id, node.id) > index
    next.nodes = bucket.nodes.filter(isCloser)
    next.replacements = bucket.replacements.filter(isCloser)
    bucket.nodes = bucket.nodes.filter(node => !isCloser(node))
    bucket.replacements = bucket.replacements.filter(node => !isCloser(node))
    this.#buckets.push(next)
  }

  #bucketOf(id: Uint8Array): Bucket | undefined {
    const bits = Math.min(commonBits(this.#id, id), NODE_ID_BITS - 1)
    return this.#buckets[Math.min(bits, this.#buckets.length - 1)]
  }
}

/** Between two pings to the same questionable node. */
const PING_PAUSE_MS = 60_000

function leastHeard(nodes: readonly TableNode[]): TableNode | undefined {
  let least = nodes[0]
  for (const node of nodes) if (least === undefined || node.heardAt < least.heardAt) least = node
  return least
}
