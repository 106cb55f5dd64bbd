import { equalBytes } from '../../base/bytes.js'
import type { Random } from '../../base/random.js'
import type { ListedPeer } from '../../protocol/tracker/announce-answer.js'
import type { TrackerLimits } from '../limits.js'
import type { AddressGroup, GroupKind, Member } from './address-group.js'
import { sampleIndices } from './sample.js'

export type AnswerLimits = Pick<TrackerLimits, 'answerShare' | 'answerFloor'>

/**
 * Up to `count` random peers of `groups`. First every address gives one, then each of those that have more another, and
 * so on, so an address with many peers fills no more than its share of an answer, unless there is no other address.
 * `asker` itself is left out, and so is its peer id under another address.
 */
export function drawPeers(
  groups: readonly AddressGroup[],
  kind: GroupKind,
  asker: Member,
  count: number,
  limits: AnswerLimits,
  random: Random,
): ListedPeer[] {
  const peers: ListedPeer[] = []
  let draws = drawGroups(groups, kind, asker, count, random)
  const isOnly = draws.length === 1
  const share = Math.ceil(count * limits.answerShare)
  while (draws.length > 0) {
    const unfinished: GroupDraw[] = []
    for (const draw of draws) {
      if (peers.length >= count) return peers
      // No more than all others together, but the floor is always allowed.
      const bound = isOnly ? count : Math.max(limits.answerFloor, Math.min(share, peers.length - draw.given))
      const peer = draw.given < bound ? draw.next(random) : undefined
      if (peer === undefined) continue
      unfinished.push(draw)
      if (peer === asker || equalBytes(peer.peerId, asker.peerId)) continue
      peers.push(peer)
      draw.given++
    }
    draws = unfinished
  }
  return peers
}

/** As many random groups as peers are wanted, or all. */
function drawGroups(
  groups: readonly AddressGroup[],
  kind: GroupKind,
  asker: Member,
  count: number,
  random: Random,
): GroupDraw[] {
  const own = asker.group
  // The asker's own group is skipped if it has no other peer.
  const isAlone = own.places[kind] >= 0 && own.reachable(kind) === 1 && own.at(0) === asker
  const gap = isAlone ? own.places[kind] : groups.length
  const draws: GroupDraw[] = []
  for (const drawn of sampleIndices(isAlone ? groups.length - 1 : groups.length, count, random)) {
    const group = groups[drawn < gap ? drawn : drawn + 1]
    if (group !== undefined) draws.push(new GroupDraw(group, group.reachable(kind), random))
  }
  return draws
}

/** Gives the peers of a group in an order that differs each time, each once, without a list of them. */
class GroupDraw {
  /** Peers that were given to the asker. */
  given = 0
  readonly #group: AddressGroup
  readonly #size: number
  #taken = 0
  #at: number
  /** Has no divisor in common with the size, so that every index is met before one comes again. */
  #stride = 0

  constructor(group: AddressGroup, size: number, random: Random) {
    this.#group = group
    this.#size = size
    this.#at = size === 1 ? 0 : random.below(size)
  }

  next(random: Random): Member | undefined {
    if (this.#taken === this.#size) return undefined
    if (this.#taken++ > 0) {
      if (this.#stride === 0) this.#stride = strideFor(this.#size, random)
      this.#at = (this.#at + this.#stride) % this.#size
    }
    return this.#group.at(this.#at)
  }
}

function strideFor(size: number, random: Random): number {
  let stride = 0
  do stride = 1 + random.below(size - 1)
  while (greatestCommonDivisor(size, stride) !== 1)
  return stride
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
