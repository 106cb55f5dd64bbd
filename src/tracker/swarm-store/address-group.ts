import type { ListedPeer } from '../../protocol/tracker/announce-answer.js'
import type { Address } from './ledger.js'

/** A peer in a swarm. */
export interface Member extends ListedPeer {
  readonly group: AddressGroup
  readonly isSeeder: boolean
  /** BEP 21: a leecher that wants nothing more. */
  readonly isPartialSeed: boolean
  readonly hasCompleted: boolean
  readonly seenAt: number
  /** Its index in the array of its group and kind; −1 if it accepts no connections. */
  index: number
}

/** All peers that can be given to others, or the leechers among them. */
export type GroupKind = 'any' | 'leechers'

/** The peers of one address in one swarm. */
export class AddressGroup {
  readonly address: Address
  /** All of them, including those that accept no connections. */
  size = 0
  /** Its index among the groups that have peers to give, and among those that have leechers; −1 if it is not among them. */
  readonly places: Record<GroupKind, number> = { any: -1, leechers: -1 }
  // Those that can be given to others. Literals of one element take less memory than arrays that grew to it.
  #leechers: Member[] | undefined
  #seeders: Member[] | undefined

  constructor(address: Address) {
    this.address = address
  }

  /** Peers that can be given to others. */
  reachable(kind: GroupKind): number {
    const leechers = this.#leechers?.length ?? 0
    return kind === 'leechers' ? leechers : leechers + (this.#seeders?.length ?? 0)
  }

  /** The reachable peer at `index`: leechers come first. */
  at(index: number): Member | undefined {
    const leechers = this.#leechers?.length ?? 0
    return index < leechers ? this.#leechers?.[index] : this.#seeders?.[index - leechers]
  }

  addReachable(member: Member): void {
    const kind = member.isSeeder ? this.#seeders : this.#leechers
    member.index = kind?.length ?? 0
    if (kind !== undefined) kind.push(member)
    else if (member.isSeeder) this.#seeders = [member]
    else this.#leechers = [member]
  }

  removeReachable(member: Member): void {
    const kind = member.isSeeder ? this.#seeders : this.#leechers
    const last = kind?.pop()
    if (kind?.length === 0) {
      if (member.isSeeder) this.#seeders = undefined
      else this.#leechers = undefined
    }
    if (kind === undefined || last === undefined || last === member) return
    kind[member.index] = last
    last.index = member.index
  }
}

/** Groups that have peers to give, dense, so that a random one is an index away. */
export class GroupList {
  readonly #kind: GroupKind
  /** A literal at first, which takes less memory than an array that grew. */
  #groups: AddressGroup[] | undefined

  constructor(kind: GroupKind) {
    this.#kind = kind
  }

  get groups(): readonly AddressGroup[] {
    return this.#groups ?? []
  }

  /** To be called when the peers of a group have changed. */
  update(group: AddressGroup): void {
    const place = group.places[this.#kind]
    const belongs = group.reachable(this.#kind) > 0
    if (belongs === place >= 0) return
    if (belongs) {
      group.places[this.#kind] = this.groups.length
      if (this.#groups === undefined) this.#groups = [group]
      else this.#groups.push(group)
      return
    }
    group.places[this.#kind] = -1
    const last = this.#groups?.pop()
    if (this.#groups === undefined || last === undefined || last === group) return
    this.#groups[place] = last
    last.places[this.#kind] = place
  }
}
