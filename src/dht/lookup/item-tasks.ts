// BEP 44: lookups for items, and to store them.

import { equalBytes } from '../../base/bytes.js'
import type { NodeInfo } from '../../protocol/dht/compact-nodes.js'
import { hashedBytes, signedBytes } from '../../protocol/dht/items.js'
import type { Answer, Query, StoredValue } from '../../protocol/dht/messages.js'
import type { DhtWorld } from '../world.js'
import type { AnsweredCandidate } from './candidates.js'
import type { LookupReport, LookupTask } from './lookup.js'
import type { NodesListener } from './tasks.js'

export interface ItemListener extends NodesListener {
  /** The item, its hash or signature checked; a mutable one again where a node has one with a higher sequence number. */
  onItem(item: StoredValue): void
}

export class GetItemTask implements LookupTask {
  readonly target: Uint8Array
  readonly #world: DhtWorld
  readonly #salt: Uint8Array
  readonly #listener: ItemListener
  #found: StoredValue | undefined

  /** @param salt of a mutable item; empty for none */
  constructor(target: Uint8Array, salt: Uint8Array, listener: ItemListener, world: DhtWorld) {
    this.target = target
    this.#salt = salt
    this.#listener = listener
    this.#world = world
  }

  /** Of a mutable item there may be a newer one elsewhere. */
  get isDone(): boolean {
    return this.#found?.type === 'immutable'
  }

  query(): Query {
    return { type: 'get', target: this.target, want: [], sequence: this.#sequence }
  }

  answered(_: NodeInfo, answer: Answer): void {
    const item = itemIn(answer, this.#salt)
    if (item === undefined || !this.#isRight(item)) return
    this.#found = item
    this.#listener.onItem(item)
  }

  ended(report: LookupReport): void {
    this.#listener.onEnd(report)
  }

  get #sequence(): number | undefined {
    return this.#found?.type === 'mutable' ? this.#found.sequence : undefined
  }

  #isRight(item: StoredValue): boolean {
    if (item.type === 'mutable' && item.sequence <= (this.#sequence ?? -1)) return false
    if (!equalBytes(this.#world.sha1(hashedBytes(item)), this.target)) return false
    return item.type === 'immutable' || this.#world.verify(item.signature, signedBytes(item), item.publicKey)
  }
}

export class PutItemTask implements LookupTask {
  readonly target: Uint8Array
  readonly #item: StoredValue
  readonly #expectedSequence: number | undefined
  readonly #listener: NodesListener
  /** Nodes that have an item there: only those are told which one it may replace. */
  readonly #holders = new Set<string>()

  constructor(
    item: StoredValue,
    target: Uint8Array,
    expectedSequence: number | undefined,
    listener: NodesListener,
  ) {
    this.#item = item
    this.target = target
    this.#expectedSequence = expectedSequence
    this.#listener = listener
  }

  query(): Query {
    return { type: 'get', target: this.target, want: [], sequence: undefined }
  }

  answered({ address }: NodeInfo, { sequence }: Answer): void {
    if (sequence !== undefined) this.#holders.add(address.host)
  }

  store({ token, address }: AnsweredCandidate): Query | undefined {
    if (token === undefined) return undefined
    const expectedSequence = this.#holders.has(address.host) ? this.#expectedSequence : undefined
    return { type: 'put', token, item: this.#item, expectedSequence }
  }

  ended(report: LookupReport): void {
    this.#listener.onEnd(report)
  }
}

/** Copies: the answer is a view of its datagram. */
function itemIn(
  { value, publicKey, signature, sequence }: Answer,
  salt: Uint8Array,
): StoredValue | undefined {
  if (value === undefined) return undefined
  if (publicKey === undefined) return { type: 'immutable', value: value.slice() }
  if (signature === undefined || sequence === undefined) return undefined
  return {
    type: 'mutable',
    value: value.slice(),
    publicKey: publicKey.slice(),
    signature: signature.slice(),
    sequence,
    salt,
  }
}
