// BEP 52: exchanges hashes of merkle trees with peers, of pieces and of blocks.

import type { Bitfield } from '../../base/bitfield.js'
import { toHex } from '../../base/bytes.js'
import type { Digests } from '../../protocol/digests.js'
import { type HashTree, makeHashes } from '../../protocol/hash-proof.js'
import { pieceLayerHeight } from '../../protocol/merkle.js'
import type { PieceHashes } from '../../protocol/metainfo/piece-hashes.js'
import type { PieceMap } from '../../protocol/metainfo/piece-map.js'
import type { HashMessage } from '../../protocol/peer/hash-messages.js'
import type { Peer } from '../peer.js'
import type { TorrentWorld } from '../world.js'
import { BlockHashFetcher } from './block-hash-fetcher.js'
import { BlockHashServer } from './block-hash-server.js'
import { HashTrees } from './hash-trees.js'
import { LayerFetcher } from './layer-fetcher.js'
import type { LayeredFile } from './layered-file.js'

/** Bytes that may wait for a peer before its hash requests are rejected: they are small, and their answers large. */
const MAX_WAITING_BYTES = 2 * 2 ** 20

export interface HashOptions {
  readonly map: PieceMap
  readonly hashes: PieceHashes
  readonly digests: Digests
  readonly layeredFiles: readonly LayeredFile[]
  readonly have: Bitfield
}

/** Takes the exchange's reports. */
interface HashEvents {
  /** The hashes of these pieces are known. */
  hashesKnown(first: number, last: number): void
  /** The hashes of the blocks of a bad piece are known, 32 bytes each. */
  blockHashesKnown(piece: number, hashes: Uint8Array): void
}

/** Fetches missing hashes, and answers the hash requests of peers. */
export class HashExchange {
  readonly #map: PieceMap
  readonly #hashes: PieceHashes
  readonly #events: HashEvents
  readonly #peers: ReadonlySet<Peer>
  readonly #clock: { now(): number }
  /** By hexadecimal root; equal files share a root and a layer. */
  readonly #files = new Map<string, LayeredFile[]>()
  readonly #trees: HashTrees
  readonly #layerFetcher: LayerFetcher
  readonly #blockHashFetcher: BlockHashFetcher
  readonly #blockHashServer: BlockHashServer<Peer>

  constructor(
    { map, hashes, digests, layeredFiles, have }: HashOptions,
    events: HashEvents,
    peers: ReadonlySet<Peer>,
    world: Pick<TorrentWorld, 'now' | 'workInTurns' | 'digestBlocks'>,
  ) {
    const { pieceLength } = map
    this.#map = map
    this.#hashes = hashes
    this.#events = events
    this.#peers = peers
    this.#clock = world
    this.#trees = new HashTrees(hashes, digests, pieceLength, steps => world.workInTurns(steps))
    this.#blockHashServer = new BlockHashServer({ pieceLength, digests, have }, world)
    this.#blockHashFetcher = new BlockHashFetcher({ map, digests }, peers, world, (piece, found) =>
      events.blockHashesKnown(piece, found),
    )
    this.#layerFetcher = new LayerFetcher({ pieceLength, digests }, peers, world, (root, layer) =>
      this.#addLayer(root, layer),
    )
    for (const file of layeredFiles) this.#add(file)
  }

  /** Every layer is here. */
  get isComplete(): boolean {
    return this.#layerFetcher.isComplete
  }

  /** A piece is bad: asks peers for the hashes of its blocks. */
  fetchBlockHashes(piece: number): void {
    this.#blockHashFetcher.fetch(piece)
  }

  /** A peer announced its pieces. */
  onPieces(peer: Peer): void {
    this.#layerFetcher.onPieces(peer)
  }

  onSecond(now: number): void {
    this.#layerFetcher.onSecond(now)
    this.#blockHashFetcher.onSecond(now)
  }

  onRemoved(peer: Peer): void {
    this.#layerFetcher.onRemoved(peer)
    this.#blockHashFetcher.onRemoved(peer)
  }

  onHashes(peer: Peer, message: HashMessage, hashes: Uint8Array): void {
    this.#fetcherOf(message).onHashes(peer, message, hashes)
  }

  onReject(peer: Peer, message: HashMessage): void {
    this.#fetcherOf(message).onReject(peer, message)
  }

  /** A peer requests hashes: it gets them where they are known, else a reject. */
  onRequest(peer: Peer, message: HashMessage): void {
    const root = toHex(message.piecesRoot)
    const files = this.#files.get(root) ?? []
    const isAnswered =
      files.length > 0 && this.#trees.withTree(root, tree => this.#answer(peer, message, files, tree))
    if (!isAnswered && peer.mayBeRefused()) peer.link.hashReject(message)
  }

  #answer(peer: Peer, message: HashMessage, files: readonly LayeredFile[], tree: HashTree): void {
    const [file] = files
    const send = (hashes: Uint8Array | undefined) => this.#send(peer, message, hashes)
    if (file === undefined || peer.link.waitingBytes > MAX_WAITING_BYTES) {
      send(undefined)
    } else if (!this.#isOfBlocks(message)) {
      send(makeHashes(message, file, (layer, index) => tree.nodeAt(layer, index)))
    } else if (
      !peer.hashedPieces.take(this.#clock.now()) ||
      !this.#blockHashServer.answer(peer, message, files, tree, send)
    ) {
      send(undefined)
    }
  }

  /** @param hashes undefined where there are none */
  #send(peer: Peer, message: HashMessage, hashes: Uint8Array | undefined): void {
    // The peer may have gone while they were computed.
    if (!this.#peers.has(peer)) return
    if (hashes !== undefined) peer.link.hashes(message, hashes)
    else if (peer.mayBeRefused()) peer.link.hashReject(message)
  }

  /** Whether a message is about hashes below the piece layer. */
  #isOfBlocks({ baseLayer }: HashMessage): boolean {
    return baseLayer < pieceLayerHeight(this.#map.pieceLength)
  }

  #fetcherOf(message: HashMessage): LayerFetcher | BlockHashFetcher {
    return this.#isOfBlocks(message) ? this.#blockHashFetcher : this.#layerFetcher
  }

  #add(file: LayeredFile): void {
    const root = toHex(file.piecesRoot)
    const equalFiles = this.#files.get(root)
    if (equalFiles !== undefined) {
      equalFiles.push(file)
      return
    }
    this.#files.set(root, [file])
    if (this.#hashes.layer(file.piecesRoot) === undefined) this.#layerFetcher.fetch(root, file)
  }

  #addLayer(root: string, layer: Uint8Array): void {
    const files = this.#files.get(root) ?? []
    const [first] = files
    if (first !== undefined) this.#hashes.addLayer(first.piecesRoot, layer)
    for (const { firstPiece, length } of files) {
      this.#events.hashesKnown(firstPiece, firstPiece + Math.ceil(length / this.#map.pieceLength) - 1)
    }
  }
}
