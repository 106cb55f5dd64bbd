import { MetadataFetcher, type MetadataHolder } from '../../../src/engine/metadata/metadata-fetcher.js'
import { METADATA_PIECE_LENGTH } from '../../../src/protocol/peer/metadata-message.js'

/** How a peer answers a request for a piece: bytes of it, nothing at all, or a reject; `afterMs` later. */
export type Answer =
  | { readonly type: 'bytes'; readonly bytes: Uint8Array; readonly afterMs: number }
  | { readonly type: 'reject'; readonly afterMs: number }
  | { readonly type: 'silence' }

export class VirtualHolder implements MetadataHolder {
  readonly group: string
  readonly askedPieces = new Map<number, number>()
  isStalled = false
  /** Pieces that it was asked for, in their order. */
  readonly heard: number[] = []
  mostOpen = 0
  /** Why its connection was ended by us. */
  dropped: string | undefined
  readonly size: number
  readonly answer: (piece: number) => Answer

  constructor(group: string, size: number, answer: (piece: number) => Answer) {
    this.group = group
    this.size = size
    this.answer = answer
  }
}

/** The piece of some metadata. */
export function pieceOf(metadata: Uint8Array, piece: number): Uint8Array {
  return metadata.subarray(piece * METADATA_PIECE_LENGTH, (piece + 1) * METADATA_PIECE_LENGTH)
}

/** A peer that has some metadata and gives it. */
export function honest(metadata: Uint8Array, group: string, afterMs = 10): VirtualHolder {
  return new VirtualHolder(group, metadata.length, piece => ({
    type: 'bytes',
    bytes: pieceOf(metadata, piece),
    afterMs,
  }))
}

/** A fetcher and its peers in virtual time. */
export class VirtualFetch {
  now = 0
  /** When the metadata was there, and its bytes. */
  fetched: { readonly at: number; readonly bytes: Uint8Array } | undefined
  readonly fetcher: MetadataFetcher<VirtualHolder>
  readonly #peers = new Set<VirtualHolder>()
  readonly #answers: { at: number; peer: VirtualHolder; piece: number; answer: Answer }[] = []

  /**
   * @param isMetadata whether bytes are the right ones
   * @param later runs what tells so; at once where it is absent
   */
  constructor(
    isMetadata: (bytes: Uint8Array) => boolean,
    later: (tell: () => void) => void = tell => tell(),
  ) {
    this.fetcher = new MetadataFetcher<VirtualHolder>({
      now: () => this.now,
      check: (bytes, answer) => later(() => answer(isMetadata(bytes))),
      ask: (peer, piece) => this.#ask(peer, piece),
      fetched: bytes => {
        if (this.fetched !== undefined) throw new Error('told twice')
        this.fetched = { at: this.now, bytes }
      },
      dropPeer: (peer, reason) => {
        if (!this.#peers.has(peer)) return
        peer.dropped = reason
        this.leave(peer)
      },
    })
  }

  join(...peers: readonly VirtualHolder[]): void {
    for (const peer of peers) {
      this.#peers.add(peer)
      this.fetcher.onOffer(peer, peer.size)
    }
  }

  leave(peer: VirtualHolder): void {
    if (this.#peers.delete(peer)) this.fetcher.onRemoved(peer)
  }

  /** Lets time pass until the metadata is there, at most for this long. */
  run(ms: number): void {
    const end = this.now + ms
    for (;;) {
      const nextSecond = (Math.floor(this.now / 1_000) + 1) * 1_000
      const at = Math.min(nextSecond, this.#answers[0]?.at ?? nextSecond)
      if (at > end || this.fetched !== undefined) break
      this.now = at
      if (this.#answers[0]?.at === at) this.#deliver()
      else this.fetcher.onSecond()
    }
    if (this.fetched === undefined) this.now = end
  }

  #ask(peer: VirtualHolder, piece: number): void {
    if (peer.askedPieces.has(piece)) throw new Error('asked twice for the same')
    peer.askedPieces.set(piece, this.now)
    peer.heard.push(piece)
    peer.mostOpen = Math.max(peer.mostOpen, peer.askedPieces.size)
    const answer = peer.answer(piece)
    if (answer.type === 'silence') return
    this.#answers.push({ at: this.now + answer.afterMs, peer, piece, answer })
    this.#answers.sort((a, b) => a.at - b.at)
  }

  #deliver(): void {
    const next = this.#answers.shift()
    if (next === undefined || !this.#peers.has(next.peer)) return
    const { peer, piece, answer } = next
    peer.askedPieces.delete(piece)
    if (answer.type === 'bytes') this.fetcher.onPiece(peer, piece, answer.bytes)
    else this.fetcher.onRejected(peer, piece)
  }
}
