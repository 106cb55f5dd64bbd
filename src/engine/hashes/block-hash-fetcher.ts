// BEP 52: the hashes of a piece's blocks tell which of them are bad before a good copy is here.

import { equalBytes } from '../../base/bytes.js'
import type { Digests } from '../../protocol/digests.js'
import { type HashedFile, type HashRun, requestForBlocks, verifyHashes } from '../../protocol/hash-proof.js'
import type { PieceMap } from '../../protocol/metainfo/piece-map.js'
import { type HashMessage, isSameRun } from '../../protocol/peer/hash-messages.js'
import type { Peer } from '../peer.js'

/** Pieces whose hashes are requested at a time: a good copy, which tells the same, is under way for each. */
const MAX_PIECES = 64

/** A peer that does not answer within 10 s is not asked again about the piece. */
const ANSWER_MS = 10_000

/** Peers that are asked about a piece before only the good copy is waited for. */
const MAX_ATTEMPTS = 4

interface Task {
  readonly file: HashedFile
  readonly request: HashRun
  readonly asked: Set<Peer>
  /** The peer that is to answer now. */
  peer: Peer | undefined
  askedAt: number
}

/** Requests the hashes of the blocks of bad pieces. */
export class BlockHashFetcher {
  readonly #map: PieceMap
  readonly #digests: Digests
  readonly #peers: ReadonlySet<Peer>
  readonly #clock: { now(): number }
  readonly #onKnown: (piece: number, hashes: Uint8Array) => void
  readonly #tasks = new Map<number, Task>()

  /** @param onKnown takes the proven hashes of a piece's blocks, 32 bytes each */
  constructor(
    { map, digests }: { map: PieceMap; digests: Digests },
    peers: ReadonlySet<Peer>,
    clock: { now(): number },
    onKnown: (piece: number, hashes: Uint8Array) => void,
  ) {
    this.#map = map
    this.#digests = digests
    this.#peers = peers
    this.#clock = clock
    this.#onKnown = onKnown
  }

  /** A piece is bad, and several peers had a part in it. */
  fetch(piece: number): void {
    const entry = this.#map.fileOfPiece(piece)
    const { pieceLength } = this.#map
    // A file of one piece has no layer above its blocks by which peers know it.
    if (entry?.piecesRoot === undefined || entry.length <= pieceLength) return
    if (this.#tasks.has(piece) || this.#tasks.size >= MAX_PIECES) return
    const file = { length: entry.length, piecesRoot: entry.piecesRoot }
    const request = requestForBlocks(file, piece - entry.offset / pieceLength, pieceLength)
    this.#tasks.set(piece, { file, request, asked: new Set(), peer: undefined, askedAt: 0 })
    this.#ask(piece)
  }

  onHashes(peer: Peer, message: HashMessage, hashes: Uint8Array): void {
    const [piece, task] = this.#find(message)
    if (piece === undefined || task === undefined) return
    const proven = verifyHashes(task.request, hashes, task.file, this.#digests)
    if (proven === undefined) {
      peer.drop('protocol-error', 'sent hashes of blocks that do not lead to the pieces root')
      return
    }
    this.#tasks.delete(piece)
    this.#onKnown(piece, proven)
  }

  onReject(peer: Peer, message: HashMessage): void {
    const [piece, task] = this.#find(message)
    if (piece !== undefined && task?.peer === peer) this.#ask(piece)
  }

  onRemoved(peer: Peer): void {
    for (const [piece, task] of this.#tasks) if (task.peer === peer) this.#ask(piece)
  }

  onSecond(now: number): void {
    for (const [piece, { askedAt }] of this.#tasks) if (now - askedAt >= ANSWER_MS) this.#ask(piece)
  }

  /** Asks the next peer; gives up where there is none. */
  #ask(piece: number): void {
    const task = this.#tasks.get(piece)
    if (task === undefined) return
    task.peer = this.#nextPeer(piece, task)
    if (task.peer === undefined) {
      this.#tasks.delete(piece)
      return
    }
    task.asked.add(task.peer)
    task.askedAt = this.#clock.now()
    task.peer.link.hashRequest({ ...task.request, piecesRoot: task.file.piecesRoot })
  }

  #nextPeer(piece: number, { asked }: Task): Peer | undefined {
    if (asked.size >= MAX_ATTEMPTS) return undefined
    for (const peer of this.#peers) {
      const isToBeAsked = peer.introduction.isV2 && !peer.contributor.isSuspect && !asked.has(peer)
      if (isToBeAsked && peer.pieces.has(piece)) return peer
    }
    return undefined
  }

  #find(message: HashMessage): [number, Task] | [undefined, undefined] {
    for (const [piece, task] of this.#tasks) {
      const isIt = isSameRun(task.request, message) && equalBytes(task.file.piecesRoot, message.piecesRoot)
      if (isIt) return [piece, task]
    }
    return [undefined, undefined]
  }
}
