// BEP 52: layers of merkle trees that are missing are fetched from peers, and those we have are served.

import { toHex } from '../base/bytes.js'
import type { Digests } from '../protocol/digests.js'
import {
  type HashedFile,
  type HashRun,
  HashTree,
  makeHashes,
  requestsForPieceLayer,
  verifyHashes,
} from '../protocol/hash-proof.js'
import { HASH_LENGTH, pieceLayerHeight } from '../protocol/merkle.js'
import type { PieceHashes } from '../protocol/metainfo/piece-hashes.js'
import type { PieceMap } from '../protocol/metainfo/piece-map.js'
import { type HashMessage, isSameRun } from '../protocol/peer/hash-messages.js'
import type { Peer } from './peer.js'

/** A file longer than one piece. */
export interface LayeredFile extends HashedFile {
  /** Index of its first piece in the torrent. */
  readonly firstPiece: number
}

/** An answer that takes longer is asked for elsewhere. */
const ANSWER_MS = 10_000

/** Requests that one peer is asked at a time: some 64 KiB of answers. */
const REQUESTS_PER_PEER = 4

/** Trees that are kept to answer from; each takes 64 bytes a piece. */
const MAX_TREES = 4

/** A run of a layer that is missing. */
interface Task {
  readonly file: LayeredFile
  readonly request: HashRun
  peer: Peer | undefined
  askedAt: number
  readonly refusedBy: WeakSet<Peer>
}

/** A layer that is being put together. */
interface Assembly {
  readonly layer: Uint8Array
  missingRuns: number
}

export class HashExchange {
  readonly #map: PieceMap
  readonly #hashes: PieceHashes
  readonly #digests: Digests
  readonly #downloader: { hashesKnown(first: number, last: number): void }
  readonly #peers: ReadonlySet<Peer>
  readonly #clock: { now(): number }
  /** By hexadecimal root; equal files share a root and a layer. */
  readonly #files = new Map<string, LayeredFile[]>()
  readonly #assemblies = new Map<string, Assembly>()
  readonly #tasks = new Set<Task>()
  readonly #trees = new Map<string, HashTree>()

  constructor(
    options: {
      readonly map: PieceMap
      readonly hashes: PieceHashes
      readonly digests: Digests
      readonly layeredFiles: readonly LayeredFile[]
    },
    downloader: { hashesKnown(first: number, last: number): void },
    peers: ReadonlySet<Peer>,
    clock: { now(): number },
  ) {
    this.#map = options.map
    this.#hashes = options.hashes
    this.#digests = options.digests
    this.#downloader = downloader
    this.#peers = peers
    this.#clock = clock
    for (const file of options.layeredFiles) {
      const root = toHex(file.piecesRoot)
      const twins = this.#files.get(root)
      this.#files.set(root, [...(twins ?? []), file])
      if (twins === undefined && this.#hashes.layer(file.piecesRoot) === undefined)
        this.#planFetch(root, file)
    }
  }

  /** Every layer is here. */
  get isComplete(): boolean {
    return this.#tasks.size === 0
  }

  /** A peer said what it has: it may have hashes that are missing. */
  onPieces(peer: Peer): void {
    this.#ask(peer)
  }

  /** Once a second: what was not answered is asked of someone else. */
  onSecond(now: number): void {
    if (this.isComplete) return
    for (const task of this.#tasks) {
      if (task.peer === undefined || now - task.askedAt < ANSWER_MS) continue
      task.refusedBy.add(task.peer)
      task.peer = undefined
    }
    for (const peer of this.#peers) this.#ask(peer)
  }

  onRemoved(peer: Peer): void {
    for (const task of this.#tasks) if (task.peer === peer) task.peer = undefined
  }

  onHashes(peer: Peer, message: HashMessage, hashes: Uint8Array): void {
    const task = this.#taskOf(peer, message)
    // An answer may come after its time was over.
    if (task === undefined) return
    const run = verifyHashes(task.request, hashes, task.file, this.#digests)
    if (run === undefined) {
      peer.drop('protocol-error', 'sent hashes that do not lead to the pieces root')
      return
    }
    this.#tasks.delete(task)
    this.#assemble(task, run)
    this.#ask(peer)
  }

  onReject(peer: Peer, message: HashMessage): void {
    const task = this.#taskOf(peer, message)
    if (task === undefined) return
    task.peer = undefined
    task.refusedBy.add(peer)
    this.#ask(peer)
  }

  /** A peer wants hashes: it gets them where the layer is known, else a reject. */
  onRequest(peer: Peer, message: HashMessage): void {
    const root = toHex(message.piecesRoot)
    const file = this.#files.get(root)?.[0]
    const tree = this.#treeOf(root)
    const hashes =
      file === undefined || tree === undefined
        ? undefined
        : makeHashes(message, file, (layer, index) => tree.nodeAt(layer, index))
    if (hashes === undefined) peer.link.hashReject(message)
    else peer.link.hashes(message, hashes)
  }

  #planFetch(root: string, file: LayeredFile): void {
    const requests = requestsForPieceLayer(file, this.#map.pieceLength)
    const pieces = Math.ceil(file.length / this.#map.pieceLength)
    this.#assemblies.set(root, { layer: new Uint8Array(pieces * HASH_LENGTH), missingRuns: requests.length })
    for (const request of requests) {
      this.#tasks.add({ file, request, peer: undefined, askedAt: 0, refusedBy: new WeakSet() })
    }
  }

  #ask(peer: Peer): void {
    if (this.isComplete || !peer.introduction.isV2) return
    let asked = 0
    for (const task of this.#tasks) if (task.peer === peer) asked++
    for (const task of this.#tasks) {
      if (asked >= REQUESTS_PER_PEER) return
      if (task.peer !== undefined || task.refusedBy.has(peer) || !this.#hasPieceOf(peer, task.file)) continue
      task.peer = peer
      task.askedAt = this.#clock.now()
      peer.link.hashRequest({ ...task.request, piecesRoot: task.file.piecesRoot })
      asked++
    }
  }

  /** Only who has a piece of a file must have its hashes (BEP 52). */
  #hasPieceOf(peer: Peer, file: LayeredFile): boolean {
    const last = file.firstPiece + Math.ceil(file.length / this.#map.pieceLength) - 1
    const first = peer.pieces.firstCommon(peer.pieces, file.firstPiece)
    return first >= 0 && first <= last
  }

  #taskOf(peer: Peer, message: HashMessage): Task | undefined {
    const root = toHex(message.piecesRoot)
    for (const task of this.#tasks) {
      if (task.peer === peer && isSameRun(task.request, message) && toHex(task.file.piecesRoot) === root)
        return task
    }
    return undefined
  }

  #assemble(task: Task, run: Uint8Array): void {
    const root = toHex(task.file.piecesRoot)
    const assembly = this.#assemblies.get(root)
    if (assembly === undefined) return
    assembly.layer.set(run, task.request.index * HASH_LENGTH)
    if (--assembly.missingRuns > 0) return
    this.#assemblies.delete(root)
    this.#hashes.addLayer(task.file.piecesRoot, assembly.layer)
    for (const { firstPiece, length } of this.#files.get(root) ?? []) {
      this.#downloader.hashesKnown(firstPiece, firstPiece + Math.ceil(length / this.#map.pieceLength) - 1)
    }
  }

  #treeOf(root: string): HashTree | undefined {
    const known = this.#trees.get(root)
    if (known !== undefined) return known
    const layer = this.#hashes.layers.get(root)
    if (layer === undefined) return undefined
    const tree = new HashTree(layer, pieceLayerHeight(this.#map.pieceLength), this.#digests)
    const [oldest] = this.#trees.keys()
    if (oldest !== undefined && this.#trees.size >= MAX_TREES) this.#trees.delete(oldest)
    this.#trees.set(root, tree)
    return tree
  }
}
