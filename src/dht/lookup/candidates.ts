import { equalBytes } from '../../base/bytes.js'
import type { NodeInfo } from '../../protocol/dht/compact-nodes.js'
import { compareDistance } from '../../protocol/dht/node-id.js'
import { isSecureId } from '../../protocol/dht/secure-id.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import { type DhtLimits, K } from '../limits.js'
import { networkKey, nodeKey } from '../table/host-keys.js'

/**
 * `new`: not asked yet; `asked`: its answer is waited for; `late`: the answer takes long, so that it may be asked once more;
 * `answered`; `failed`: no answer, or one that cannot be right.
 */
type CandidateState = 'new' | 'asked' | 'late' | 'answered' | 'failed'

/** A node that a lookup asks, or may ask. */
export interface Candidate {
  readonly address: PeerAddress
  readonly key: string
  readonly network: string | undefined
  /** Undefined for an address to begin with, until it has answered. */
  id: Uint8Array | undefined
  /** Its id is valid for its address (BEP 42). */
  isSecure: boolean
  state: CandidateState
  /** Queries sent to it, and those of them that are under way. */
  attempts: number
  pending: number
  /** To store something at this node. */
  token: Uint8Array | undefined
}

/** A candidate with its id, for what is only asked of those that answered. */
export interface AnsweredCandidate extends Candidate {
  readonly id: Uint8Array
}

/** The nodes of a lookup, the closest to its target first: one for each host, few for each network. */
export class Candidates {
  readonly target: Uint8Array
  readonly #ownId: Uint8Array
  readonly #limits: DhtLimits
  /** By distance. */
  #sorted: Candidate[] = []
  /** Addresses without an id, which are asked before all others. */
  readonly #entrances: Candidate[] = []
  readonly #keys = new Set<string>()
  readonly #networks = new Map<string, number>()
  #insecureAsked = 0
  #answeredCount = 0

  constructor(target: Uint8Array, ownId: Uint8Array, limits: DhtLimits) {
    this.target = target
    this.#ownId = ownId
    this.#limits = limits
  }

  addEntrance(address: PeerAddress): void {
    const key = nodeKey(address)
    if (this.#keys.has(key) || this.#entrances.length >= this.#limits.candidates) return
    this.#keys.add(key)
    this.#entrances.push(candidate(address, key, undefined))
  }

  /** Adds a node that was heard of; one that is known, too far away or one too many of its network is left out. */
  add({ id, address }: NodeInfo): void {
    const key = nodeKey(address)
    if (this.#keys.has(key) || equalBytes(id, this.#ownId)) return
    const made = candidate(address, key, id)
    const { network } = made
    if (network !== undefined && (this.#networks.get(network) ?? 0) >= this.#limits.nodesPerNetwork) return
    this.#keys.add(key)
    if (network !== undefined) this.#networks.set(network, (this.#networks.get(network) ?? 0) + 1)
    this.#place(made, id)
  }

  /**
   * The node that is to be asked next: of the `K` closest, and of the `K` closest with a valid id, one that was not asked; then one
   * that was asked once, in vain so far.
   */
  next(): Candidate | undefined {
    const entrance = this.#entrances.find(({ state }) => state === 'new')
    if (entrance !== undefined) return entrance
    let late: Candidate | undefined
    for (const wanted of this.#wanted()) {
      if (wanted.state === 'new') return wanted
      if (wanted.state === 'late' && mayBeAskedAgain(wanted)) late ??= wanted
    }
    return late
  }

  /**
   * True while an answer is waited for that may change the outcome: one that is not late, or any where fewer than `K` nodes have
   * answered.
   */
  isWaiting(): boolean {
    const isPending = ({ pending, state }: Candidate) => pending > 0 && state !== 'answered'
    if (this.#answeredCount < K) return this.#entrances.some(isPending) || this.#sorted.some(isPending)
    for (const { state } of this.#wanted()) if (state === 'asked') return true
    return false
  }

  asked(candidate: Candidate): void {
    if (candidate.attempts === 0 && candidate.id !== undefined && !candidate.isSecure) this.#insecureAsked++
    candidate.attempts++
    candidate.pending++
    candidate.state = 'asked'
  }

  /** The answer to a query has come. It counts by the id that the node itself states. False where it has answered before. */
  answered(candidate: Candidate, id: Uint8Array, token: Uint8Array | undefined): boolean {
    candidate.pending--
    if (candidate.state === 'answered') return false
    candidate.state = 'answered'
    this.#answeredCount++
    candidate.token = token
    if (candidate.id !== undefined && equalBytes(candidate.id, id)) return true
    const list = candidate.id === undefined ? this.#entrances : this.#sorted
    const place = list.indexOf(candidate)
    if (place >= 0) list.splice(place, 1)
    this.#place(candidate, id)
    return true
  }

  late(candidate: Candidate): void {
    if (candidate.state === 'asked') candidate.state = 'late'
  }

  lost(candidate: Candidate): void {
    candidate.pending--
    if (candidate.state === 'answered' || candidate.state === 'failed' || candidate.pending > 0) return
    if (mayBeAskedAgain(candidate) && candidate.id !== undefined) candidate.state = 'late'
    else this.#fail(candidate)
  }

  refused(candidate: Candidate): void {
    candidate.pending--
    if (candidate.state !== 'answered') this.#fail(candidate)
  }

  /** Those that answered, the closest first: those with a valid id before others. */
  answers(): AnsweredCandidate[] {
    const answered = this.#sorted.filter(isAnswered)
    return [...answered.filter(({ isSecure }) => isSecure), ...answered.filter(({ isSecure }) => !isSecure)]
  }

  /** Those that answered, the closest first. */
  closest(count: number): AnsweredCandidate[] {
    return this.#sorted.filter(isAnswered).slice(0, count)
  }

  /** The `K` closest that have not failed and are not given up, and the `K` closest of those with a valid id, by distance. */
  *#wanted(): Generator<Candidate> {
    let all = 0
    let secure = 0
    for (const candidate of this.#sorted) {
      if (candidate.state === 'failed' || isGivenUp(candidate)) continue
      if (candidate.isSecure) {
        if (secure === K) continue
        secure++
      } else if (candidate.state === 'new' && this.#insecureAsked >= this.#limits.insecureAsked) {
        continue
      } else if (all >= K) {
        continue
      }
      all++
      yield candidate
      if (secure === K) return
    }
  }

  #fail(candidate: Candidate): void {
    candidate.state = 'failed'
    const { network } = candidate
    if (network !== undefined) this.#networks.set(network, (this.#networks.get(network) ?? 1) - 1)
  }

  #place(candidate: Candidate, id: Uint8Array): void {
    candidate.id = id
    candidate.isSecure = isSecureId(id, candidate.address.host)
    let low = 0
    let high = this.#sorted.length
    while (low < high) {
      const middle = (low + high) >> 1
      const other = this.#sorted[middle]?.id
      if (other !== undefined && compareDistance(other, id, this.target) <= 0) low = middle + 1
      else high = middle
    }
    this.#sorted.splice(low, 0, candidate)
    if (this.#sorted.length > this.#limits.candidates) this.#dropFarthest()
  }

  /** One whose answer is waited for stays, so that what becomes of it is still counted. */
  #dropFarthest(): void {
    const place = this.#sorted.findLastIndex(({ state }) => state === 'new' || state === 'failed')
    const [dropped] = place < 0 ? [] : this.#sorted.splice(place, 1)
    const network = dropped?.state === 'new' ? dropped.network : undefined
    if (network !== undefined) this.#networks.set(network, (this.#networks.get(network) ?? 1) - 1)
  }
}

/** Queries to one node, where the first is late or lost. */
const MAX_ATTEMPTS = 2

/** One without a valid id may well be invented: there is no end to those that a hostile node can name close to any target. */
function mayBeAskedAgain({ attempts, isSecure }: Candidate): boolean {
  return isSecure && attempts < MAX_ATTEMPTS
}

function candidate(address: PeerAddress, key: string, id: Uint8Array | undefined): Candidate {
  const isSecure = id !== undefined && isSecureId(id, address.host)
  const network = networkKey(address.host)
  return { address, key, network, id, isSecure, state: 'new', attempts: 0, pending: 0, token: undefined }
}

/** Its answer still counts where it comes, but is not waited for. */
function isGivenUp(candidate: Candidate): boolean {
  return candidate.state === 'late' && !mayBeAskedAgain(candidate)
}

function isAnswered(candidate: Candidate): candidate is AnsweredCandidate {
  return candidate.state === 'answered' && candidate.id !== undefined
}
