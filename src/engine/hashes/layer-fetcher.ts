// BEP 52: fetches missing layers of merkle trees from peers.

import { toHex } from '../../base/bytes.js'
import type { Digests } from '../../protocol/digests.js'
import { type HashRun, requestsForPieceLayer, verifyHashes } from '../../protocol/hash-proof.js'
import { HASH_LENGTH } from '../../protocol/merkle.js'
import { type HashMessage, isSameRun } from '../../protocol/peer/hash-messages.js'
import type { Peer } from '../peer.js'
import type { LayeredFile } from './layered-file.js'

/** After 10 s without an answer, another peer is asked. */
const ANSWER_MS = 10_000

/** A peer that rejected a request, or did not answer, is not asked the same again for 30 s. */
const RETRY_MS = 30_000

/** Requests to one peer at a time: some 64 KiB of answers. */
const REQUESTS_PER_PEER = 4

/** A missing run of a layer. */
interface Task {
  readonly file: LayeredFile
  readonly root: string
  readonly request: HashRun
  /** The peer that is asked for it. */
  peer: Peer | undefined
  askedAt: number
  /** When peers rejected it, or did not answer. */
  readonly refusedAt: WeakMap<Peer, number>
}

/** An incomplete layer. */
interface Assembly {
  readonly layer: Uint8Array
  /** The missing runs, by the index of their first hash. */
  readonly tasks: Map<number, Task>
}

/** Assembles layers from the runs that peers send. */
export class LayerFetcher {
  readonly #pieceLength: number
  readonly #digests: Digests
  readonly #peers: ReadonlySet<Peer>
  readonly #clock: { now(): number }
  readonly #onLayer: (root: string, layer: Uint8Array) => void
  /** By hexadecimal root. */
  readonly #assemblies = new Map<string, Assembly>()
  /** Tasks for which no peer is asked. */
  readonly #open = new Set<Task>()
  readonly #asked = new Set<Task>()

  /** @param onLayer takes each complete, proven layer, with the hexadecimal root of its tree */
  constructor(
    { pieceLength, digests }: { pieceLength: number; digests: Digests },
    peers: ReadonlySet<Peer>,
    clock: { now(): number },
    onLayer: (root: string, layer: Uint8Array) => void,
  ) {
    this.#pieceLength = pieceLength
    this.#digests = digests
    this.#peers = peers
    this.#clock = clock
    this.#onLayer = onLayer
  }

  /** Nothing is missing. */
  get isComplete(): boolean {
    return this.#assemblies.size === 0
  }

  /** The layer of a file is missing. */
  fetch(root: string, file: LayeredFile): void {
    const layer = new Uint8Array(Math.ceil(file.length / this.#pieceLength) * HASH_LENGTH)
    const tasks = new Map<number, Task>()
    for (const request of requestsForPieceLayer(file, this.#pieceLength)) {
      const task = { file, root, request, peer: undefined, askedAt: 0, refusedAt: new WeakMap() }
      tasks.set(request.index, task)
      this.#open.add(task)
    }
    this.#assemblies.set(root, { layer, tasks })
  }

  /** A peer announced its pieces: it may have missing hashes. */
  onPieces(peer: Peer): void {
    this.#ask(peer)
  }

  /** Call once a second: requests without an answer go to other peers. */
  onSecond(now: number): void {
    if (this.isComplete) return
    for (const task of this.#asked) if (now - task.askedAt >= ANSWER_MS) this.#refused(task)
    for (const peer of this.#peers) this.#ask(peer)
  }

  onRemoved(peer: Peer): void {
    for (const task of this.#asked) if (task.peer === peer) this.#reopen(task)
  }

  /** Hashes with a proof are taken from any peer: they may be late, and requested from another one by now. */
  onHashes(peer: Peer, message: HashMessage, hashes: Uint8Array): void {
    const task = this.#taskOf(message)
    if (task === undefined) return
    const run = verifyHashes(task.request, hashes, task.file, this.#digests)
    if (run === undefined) {
      peer.drop('protocol-error', 'sent hashes that do not lead to the pieces root')
      return
    }
    this.#open.delete(task)
    this.#asked.delete(task)
    this.#assemble(task, run)
    this.#ask(peer)
  }

  onReject(peer: Peer, message: HashMessage): void {
    const task = this.#taskOf(message)
    if (task?.peer !== peer) return
    this.#refused(task)
    this.#ask(peer)
  }

  #ask(peer: Peer): void {
    if (this.#open.size === 0 || !peer.introduction.isV2 || !this.#peers.has(peer)) return
    const now = this.#clock.now()
    let asked = 0
    for (const task of this.#asked) if (task.peer === peer) asked++
    for (const task of this.#open) {
      if (asked >= REQUESTS_PER_PEER) return
      const refusedAt = task.refusedAt.get(peer)
      if (refusedAt !== undefined && now - refusedAt < RETRY_MS) continue
      if (!this.#hasPieceOf(peer, task.file)) continue
      this.#open.delete(task)
      this.#asked.add(task)
      task.peer = peer
      task.askedAt = now
      peer.link.hashRequest({ ...task.request, piecesRoot: task.file.piecesRoot })
      asked++
    }
  }

  #refused(task: Task): void {
    if (task.peer !== undefined) task.refusedAt.set(task.peer, this.#clock.now())
    this.#reopen(task)
  }

  #reopen(task: Task): void {
    task.peer = undefined
    this.#asked.delete(task)
    this.#open.add(task)
  }

  /** Only a peer that has a piece of a file must have its hashes (BEP 52). */
  #hasPieceOf(peer: Peer, file: LayeredFile): boolean {
    const last = file.firstPiece + Math.ceil(file.length / this.#pieceLength) - 1
    const first = peer.pieces.firstCommon(peer.pieces, file.firstPiece)
    return first >= 0 && first <= last
  }

  #taskOf(message: HashMessage): Task | undefined {
    if (this.isComplete) return undefined
    const task = this.#assemblies.get(toHex(message.piecesRoot))?.tasks.get(message.index)
    return task !== undefined && isSameRun(task.request, message) ? task : undefined
  }

  #assemble({ root, request }: Task, run: Uint8Array): void {
    const assembly = this.#assemblies.get(root)
    if (assembly === undefined) return
    assembly.layer.set(run, request.index * HASH_LENGTH)
    assembly.tasks.delete(request.index)
    if (assembly.tasks.size > 0) return
    this.#assemblies.delete(root)
    this.#onLayer(root, assembly.layer)
  }
}
