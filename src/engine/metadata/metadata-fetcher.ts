// BEP 9: the metadata, put together from what several peers send.

import { BoundedSet } from '../../base/bounded-map.js'
import { equalBytes } from '../../base/bytes.js'
import { METADATA_PIECE_LENGTH } from '../../protocol/peer/metadata-message.js'
import type { CloseReason } from '../world.js'
import { DraftTurns } from './draft-turns.js'
import { MetadataDraft } from './metadata-draft.js'

/** The largest metadata that is fetched, in bytes. */
export const MAX_METADATA_BYTES = 30 * 2 ** 20

/** Requests that a peer has open at first, and at most: one more for each piece that comes. */
const FIRST_WINDOW = 4
const MAX_WINDOW = 16

/** A peer that leaves a request unanswered for this time is asked for nothing more until it answers. */
const STALL_MS = 5_000

/** A peer that leaves a request unanswered for this time is dropped. */
const DROP_MS = 60_000

/** A peer that rejected a request is not asked for this time. */
const REJECTED_MS = 10_000

/** Sizes of which it is remembered that pieces of several peers did not fit together. */
const MAX_CONTESTED_SIZES = 256

/** A peer that has the metadata, as the fetcher sees it. */
export interface MetadataHolder {
  /** Its address, or /64. */
  readonly group: string
  /** Pieces that it was asked for and has not answered, the oldest first, with the time of the request. */
  readonly askedPieces: ReadonlyMap<number, number>
  /** It leaves requests unanswered. */
  isStalled: boolean
}

export interface MetadataFetcherOwner<Peer> {
  /** Milliseconds from any beginning. */
  now(): number
  /** Asks a peer for a piece; it stands in `askedPieces` from then on. */
  ask(peer: Peer, piece: number): void
  /** Finds out whether these are the bytes that the info hash covers, and answers once, at once or later. */
  check(bytes: Uint8Array, answer: (isMetadata: boolean) => void): void
  /** The metadata is here. Nothing is fetched from then on. */
  fetched(bytes: Uint8Array): void
  dropPeer(peer: Peer, reason: CloseReason, detail: string): void
}

/** Progress, for display. */
export interface MetadataProgress {
  /** Bytes that are here. */
  readonly got: number
  /** Bytes of all of it, as most peers state; undefined while none does. */
  readonly size: number | undefined
  /** Peers that state a size that is fetched. */
  readonly holders: number
  /** The size that a peer states, where it is more than `MAX_METADATA_BYTES`. */
  readonly tooLarge: number | undefined
}

interface Holding<Peer> {
  draft: MetadataDraft<Peer>
  /** Requests that it may have open. */
  window: number
  /** It is not asked before this time, in ms. */
  pausedUntil: number
}

/**
 * Requests the pieces of the metadata from several peers at once, and tells it from what liars send. A peer states the size of the
 * metadata; peers that state the same size fill one draft together. Where a draft is wrong and one peer sent all of it, that peer
 * lied. Where several did, each fills a draft of its own from then on, beginning with what it sent, until one is right; it shows
 * which of the others lied.
 */
export class MetadataFetcher<Peer extends MetadataHolder> {
  readonly #owner: MetadataFetcherOwner<Peer>
  readonly #holdings = new Map<Peer, Holding<Peer>>()
  readonly #turns = new DraftTurns<Peer>()
  /** Each of their peers fills a draft of its own. */
  readonly #contestedSizes = new BoundedSet<number>(MAX_CONTESTED_SIZES)
  /** The last draft that several peers filled and that was wrong: once the metadata is known it shows which of them lied. */
  #mixed: MetadataDraft<Peer> | undefined
  #tooLarge: number | undefined
  /** Bytes of the metadata, once it is here. */
  #fetchedSize: number | undefined

  constructor(owner: MetadataFetcherOwner<Peer>) {
    this.#owner = owner
  }

  get progress(): MetadataProgress {
    const facts = { holders: this.#holdings.size, tooLarge: this.#tooLarge }
    if (this.#fetchedSize !== undefined) return { got: this.#fetchedSize, size: this.#fetchedSize, ...facts }
    let best: MetadataDraft<Peer> | undefined
    for (const draft of this.#turns.drafts) {
      if (
        best === undefined ||
        draft.got > best.got ||
        (draft.got === best.got && isStatedByMore(draft, best))
      )
        best = draft
    }
    const { got = 0, size } = best ?? {}
    return { got, size, ...facts }
  }

  /** A peer has the metadata, of `size` bytes; called once for each peer. */
  onOffer(peer: Peer, size: number): void {
    if (this.#isDone) return
    if (size > MAX_METADATA_BYTES) {
      this.#tooLarge = size
      return
    }
    this.#enter(peer, size)
    this.#askAll()
  }

  /** A requested piece, of the length that its size implies; the bytes are only valid during the call. */
  onPiece(peer: Peer, piece: number, bytes: Uint8Array): void {
    const holding = this.#holdings.get(peer)
    if (holding === undefined) return
    peer.isStalled = false
    holding.window = Math.min(MAX_WINDOW, holding.window + 1)
    const { draft } = holding
    if (this.#turns.isActive(draft)) {
      const isNew = draft.add(piece, bytes.slice(), peer)
      this.#turns.pieceCame(draft, this.#owner.now())
      if (isNew && draft.isComplete) {
        this.#verify(draft)
        return
      }
    }
    this.#askMore(peer, holding)
  }

  /** A peer does not send a piece that was requested from it. */
  onRejected(peer: Peer, piece: number): void {
    const holding = this.#holdings.get(peer)
    if (holding === undefined) return
    peer.isStalled = false
    holding.window = 1
    holding.pausedUntil = this.#owner.now() + REJECTED_MS
    holding.draft.reopen(piece)
    this.#askAll()
  }

  onRemoved(peer: Peer): void {
    const holding = this.#holdings.get(peer)
    if (holding === undefined) return
    this.#holdings.delete(peer)
    const { draft } = holding
    draft.peers.delete(peer)
    if (draft.only === peer) this.#turns.delete(draft)
    for (const piece of peer.askedPieces.keys()) draft.reopen(piece)
    this.#askAll()
  }

  onSecond(): void {
    const now = this.#owner.now()
    for (const [peer, { draft }] of this.#holdings) {
      const [oldest] = peer.askedPieces.values()
      if (oldest === undefined || now - oldest < STALL_MS) continue
      if (now - oldest >= DROP_MS) {
        this.#owner.dropPeer(peer, 'stuck', 'does not answer requests for metadata')
        continue
      }
      if (peer.isStalled) continue
      peer.isStalled = true
      for (const piece of peer.askedPieces.keys()) draft.reopen(piece)
    }
    this.#askAll()
  }

  #enter(peer: Peer, size: number): MetadataDraft<Peer> {
    const only = this.#contestedSizes.has(size) ? peer : undefined
    let draft = this.#turns.find(size, only)
    if (draft === undefined) {
      draft = new MetadataDraft(size, only)
      this.#turns.add(draft)
    }
    draft.peers.add(peer)
    const holding = this.#holdings.get(peer)
    if (holding === undefined) this.#holdings.set(peer, { draft, window: FIRST_WINDOW, pausedUntil: 0 })
    else holding.draft = draft
    return draft
  }

  get #isDone(): boolean {
    return this.#fetchedSize !== undefined
  }

  #askAll(): void {
    if (this.#isDone) return
    this.#turns.update(this.#owner.now())
    for (const [peer, holding] of this.#holdings) this.#askMore(peer, holding)
  }

  #askMore(peer: Peer, { draft, window, pausedUntil }: Holding<Peer>): void {
    const now = this.#owner.now()
    if (this.#isDone || peer.isStalled || now < pausedUntil || !this.#turns.isActive(draft)) return
    while (peer.askedPieces.size < window) {
      const piece = draft.pick(now, asked => peer.askedPieces.has(asked))
      if (piece === undefined) return
      draft.asked(piece, now)
      this.#owner.ask(peer, piece)
    }
  }

  #verify(draft: MetadataDraft<Peer>): void {
    const bytes = draft.join()
    this.#owner.check(bytes, isMetadata => this.#verified(draft, bytes, isMetadata))
  }

  #verified(draft: MetadataDraft<Peer>, bytes: Uint8Array, isMetadata: boolean): void {
    if (this.#isDone) return
    if (isMetadata) {
      this.#fetchedSize = draft.size
      this.#dropLiars(draft, bytes)
      this.#turns.clear()
      this.#mixed = undefined
      this.#owner.fetched(bytes)
      return
    }
    const [source, ...others] = draft.sources
    // Its turn has ended meanwhile, and it is fetched anew.
    if (source === undefined) return
    this.#turns.delete(draft)
    if (others.length === 0) this.#convict(source, draft)
    else this.#separate(draft)
    this.#askAll()
  }

  /** All that a draft holds is from one peer, and wrong. Other peers that state its size have not lied yet. */
  #convict(liar: Peer, draft: MetadataDraft<Peer>): void {
    const others = [...draft.peers].filter(peer => peer !== liar)
    this.#owner.dropPeer(liar, 'protocol-error', 'sent metadata that its info hash does not cover')
    for (const peer of others) if (this.#holdings.has(peer)) this.#enter(peer, draft.size)
  }

  /** Some of the peers that filled a draft have lied: from now on each fills one of its own. */
  #separate(mixed: MetadataDraft<Peer>): void {
    this.#contestedSizes.add(mixed.size)
    this.#mixed = mixed
    const own = [...mixed.peers].map(peer => [peer, this.#enter(peer, mixed.size)] as const)
    this.#turns.update(this.#owner.now())
    for (const [peer, draft] of own) {
      if (!this.#turns.isActive(draft)) continue
      for (const [piece, bytes] of mixed.piecesOf(peer)) draft.add(piece, bytes, peer)
    }
  }

  /** The metadata is known: peers lied that stated another size, or sent other bytes than it has. */
  #dropLiars(right: MetadataDraft<Peer>, metadata: Uint8Array): void {
    for (const [peer, { draft }] of [...this.#holdings]) {
      const isLiar =
        draft.size !== right.size ||
        (draft !== right && hasLied(peer, draft, metadata)) ||
        (this.#mixed?.size === right.size && hasLied(peer, this.#mixed, metadata))
      if (isLiar) this.#owner.dropPeer(peer, 'protocol-error', 'sent wrong metadata, or a wrong size of it')
    }
  }
}

function hasLied<Peer>(peer: Peer, draft: MetadataDraft<Peer>, metadata: Uint8Array): boolean {
  for (const [piece, sent] of draft.piecesOf(peer)) {
    const start = piece * METADATA_PIECE_LENGTH
    if (!equalBytes(sent, metadata.subarray(start, start + sent.length))) return true
  }
  return false
}

function isStatedByMore<Peer>(a: MetadataDraft<Peer>, b: MetadataDraft<Peer>): boolean {
  return a.peers.size > b.peers.size
}
