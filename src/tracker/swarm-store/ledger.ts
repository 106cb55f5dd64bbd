import type { AddressKind } from '../limits.js'

/** The origin of an announce, as the limits count it. */
export interface AnnounceSource {
  /** The same for all clients that share limits. */
  readonly key: string
  readonly kind: AddressKind
}

/** One address that has peers here. */
export interface Address extends AnnounceSource {
  /** Its peers in all swarms together. */
  listings: number
}

/** Counts what is in all swarms of a store: peers of each kind, and peers of each address that has any. */
export class Ledger {
  readonly #addresses = new Map<string, Address>()
  #seeders = 0
  #leechers = 0

  get seeders(): number {
    return this.#seeders
  }

  get leechers(): number {
    return this.#leechers
  }

  get peers(): number {
    return this.#seeders + this.#leechers
  }

  /** Of an address that has no peer yet, one that is kept with its first. */
  addressOf({ key, kind }: AnnounceSource): Address {
    return this.#addresses.get(key) ?? { key, kind, listings: 0 }
  }

  add(address: Address, isSeeder: boolean): void {
    if (address.listings++ === 0) this.#addresses.set(address.key, address)
    if (isSeeder) this.#seeders++
    else this.#leechers++
  }

  remove(address: Address, isSeeder: boolean): void {
    if (--address.listings === 0) this.#addresses.delete(address.key)
    if (isSeeder) this.#seeders--
    else this.#leechers--
  }
}
