// BEP 54: pieces of ours that can no longer be read.

import type { Bitfield } from '../../base/bitfield.js'
import { encodeDontHave } from '../../protocol/peer/dont-have.js'
import type { Peer } from '../peer.js'
import { sendExtended } from './extension.js'

/** After 10 min a piece is offered again: a disk may come back. */
const RETRY_MS = 10 * 60_000

/** Verified pieces that could not be read for a peer: all peers are told not to request them. */
export class LostPieces {
  readonly #peers: ReadonlySet<Peer>
  /** When each is to be offered again, in that order. */
  readonly #until = new Map<number, number>()

  constructor(peers: ReadonlySet<Peer>) {
    this.#peers = peers
  }

  /** A block of the piece could not be read. */
  lose(piece: number, now: number): void {
    if (this.#until.has(piece)) return
    this.#until.set(piece, now + RETRY_MS)
    this.#tell(piece)
  }

  /** A piece turned out to be bad or gone: peers are told that we do not have it until it is fetched again. */
  forget(piece: number): void {
    this.#until.delete(piece)
    this.#tell(piece)
  }

  /** A piece was read again and is good. */
  found(piece: number): void {
    if (!this.#until.delete(piece)) return
    for (const peer of this.#peers) peer.link.have(piece)
  }

  /** The verified pieces that are announced to a new peer. */
  offeredOf(have: Bitfield): Bitfield {
    if (this.#until.size === 0) return have
    const offered = have.copy()
    for (const piece of this.#until.keys()) offered.delete(piece)
    return offered
  }

  #tell(piece: number): void {
    const message = encodeDontHave(piece)
    for (const peer of this.#peers) sendExtended(peer, 'lt_donthave', message)
  }

  onSecond(now: number): void {
    for (const [piece, until] of this.#until) {
      if (now < until) return
      this.#until.delete(piece)
      for (const peer of this.#peers) peer.link.have(piece)
    }
  }
}
