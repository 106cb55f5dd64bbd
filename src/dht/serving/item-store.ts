// BEP 44: the items that others have stored here.

import { equalBytes, toHex } from '../../base/bytes.js'
import { hashedBytes, signedBytes } from '../../protocol/dht/items.js'
import { KrpcErrorCode, type StoredValue } from '../../protocol/dht/messages.js'
import { isLocal } from '../../protocol/dht/secure-id.js'
import { hostGroup } from '../../protocol/host-group.js'
import type { DhtLimits } from '../limits.js'
import type { DhtWorld } from '../world.js'

interface StoredItem {
  readonly item: StoredValue
  /** The network that stored it first, which it counts for. */
  readonly group: string
  readonly storedAt: number
}

/** Why an item is not stored: a code of BEP 5 or 44, with a text for people. */
export interface PutFault {
  readonly code: number
  readonly fault: string
}

/** Items by target, the last stored at the end. */
export class ItemStore {
  readonly #world: DhtWorld
  readonly #limits: DhtLimits
  readonly #items = new Map<string, StoredItem>()
  readonly #shares = new Map<string, number>()
  #bytes = 0

  constructor(world: DhtWorld, limits: DhtLimits) {
    this.#world = world
    this.#limits = limits
  }

  get count(): number {
    return this.#items.size
  }

  /** Bytes of all values. */
  get bytes(): number {
    return this.#bytes
  }

  targetOf(item: StoredValue): Uint8Array {
    return this.#world.sha1(hashedBytes(item))
  }

  get(target: Uint8Array, now: number): StoredValue | undefined {
    const stored = this.#items.get(toHex(target))
    return stored === undefined || now - stored.storedAt >= this.#limits.itemMs ? undefined : stored.item
  }

  /**
   * Stores an item, or keeps it for longer.
   * @param expectedSequence of the item that it may replace (`cas`)
   * @returns why it is refused, if it is
   */
  put(
    item: StoredValue,
    target: Uint8Array,
    expectedSequence: number | undefined,
    host: string,
    now: number,
  ): PutFault | undefined {
    const known = this.get(target, now)
    const fault = conflictOf(item, known, expectedSequence)
    if (fault !== undefined) return fault
    const key = toHex(target)
    const before = this.#items.get(key)
    const group = before?.group ?? hostGroup(host)
    if (before === undefined && !this.#hasRoom(host, group))
      return { code: KrpcErrorCode.server, fault: 'full' }
    const isSigned = item.type === 'immutable' || isSame(item, known) || this.#isSigned(item)
    if (!isSigned) return { code: KrpcErrorCode.invalidSignature, fault: 'invalid signature' }
    this.#remove(key)
    this.#items.set(key, { item, group, storedAt: now })
    this.#bytes += item.value.length
    this.#shares.set(group, (this.#shares.get(group) ?? 0) + 1)
    return undefined
  }

  /** Drops what was not stored again in time. */
  expire(now: number): void {
    for (const [key, { storedAt }] of this.#items) {
      if (now - storedAt < this.#limits.itemMs) return
      this.#remove(key)
    }
  }

  #isSigned(item: StoredValue & { type: 'mutable' }): boolean {
    return this.#world.verify(item.signature, signedBytes(item), item.publicKey)
  }

  #hasRoom(host: string, group: string): boolean {
    if (this.#items.size >= this.#limits.items) return false
    return isLocal(host) || (this.#shares.get(group) ?? 0) < this.#limits.itemsPerHost
  }

  #remove(key: string): void {
    const stored = this.#items.get(key)
    if (stored === undefined) return
    this.#items.delete(key)
    this.#bytes -= stored.item.value.length
    const share = (this.#shares.get(stored.group) ?? 1) - 1
    if (share > 0) this.#shares.set(stored.group, share)
    else this.#shares.delete(stored.group)
  }
}

/** A value is replaced only by one with a higher number, and only where it is the one that was expected. */
function conflictOf(
  item: StoredValue,
  known: StoredValue | undefined,
  expectedSequence: number | undefined,
): PutFault | undefined {
  if (item.type !== 'mutable' || known?.type !== 'mutable') return undefined
  if (expectedSequence !== undefined && expectedSequence !== known.sequence) {
    return { code: KrpcErrorCode.casMismatch, fault: 'cas mismatch, read the value again' }
  }
  if (item.sequence > known.sequence) return undefined
  if (item.sequence === known.sequence && equalBytes(item.value, known.value)) return undefined
  return { code: KrpcErrorCode.sequenceTooLow, fault: 'sequence number is not higher' }
}

function isSame(item: StoredValue & { type: 'mutable' }, known: StoredValue | undefined): boolean {
  return (
    known?.type === 'mutable' &&
    known.sequence === item.sequence &&
    equalBytes(known.value, item.value) &&
    equalBytes(known.signature, item.signature)
  )
}
