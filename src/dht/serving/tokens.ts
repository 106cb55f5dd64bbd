// BEP 5: tokens, which show that an announce comes from the address that asked before.

import { concatBytes, equalBytes } from '../../base/bytes.js'
import { hostToBytes } from '../../protocol/peer-address.js'
import type { DhtLimits } from '../limits.js'
import type { DhtWorld } from '../world.js'

const SECRET_LENGTH = 20
const TOKEN_LENGTH = 8

/**
 * A token is the beginning of the SHA-1 of a secret, the address that asked and what it asked for. The secret changes every five
 * minutes, and the one before counts as well.
 */
export class Tokens {
  readonly #world: DhtWorld
  readonly #limits: DhtLimits
  #secret: Uint8Array
  #secretBefore: Uint8Array
  /** The five minutes that the secret is for. */
  #period = 0

  constructor(world: DhtWorld, limits: DhtLimits) {
    this.#world = world
    this.#limits = limits
    this.#secret = this.#makeSecret()
    this.#secretBefore = this.#makeSecret()
  }

  /** @param target info hash, or target of an item */
  tokenFor(host: string, target: Uint8Array, now: number): Uint8Array {
    this.#change(now)
    return this.#make(this.#secret, host, target)
  }

  isValid(token: Uint8Array, host: string, target: Uint8Array, now: number): boolean {
    this.#change(now)
    return (
      equalBytes(token, this.#make(this.#secret, host, target)) ||
      equalBytes(token, this.#make(this.#secretBefore, host, target))
    )
  }

  #change(now: number): void {
    const period = Math.floor(now / this.#limits.tokenMs)
    if (period === this.#period) return
    this.#secretBefore = period === this.#period + 1 ? this.#secret : this.#makeSecret()
    this.#secret = this.#makeSecret()
    this.#period = period
  }

  #make(secret: Uint8Array, host: string, target: Uint8Array): Uint8Array {
    const bytes = concatBytes([secret, hostToBytes(host) ?? secret, target])
    return this.#world.sha1(bytes).slice(0, TOKEN_LENGTH)
  }

  #makeSecret(): Uint8Array {
    return Uint8Array.from({ length: SECRET_LENGTH }, () => this.#world.random.below(256))
  }
}
