import { Bitfield } from '../../../../src/base/bitfield.js'
import { SeededRandom } from '../../../../src/base/random.js'
import { inOneGo } from '../../../../src/base/steps.js'
import { nodeDigests } from '../../../../src/client/digests.js'
import { DiskPool } from '../../../../src/client/disk/disk-pool.js'
import type { Storage } from '../../../../src/client/disk/storage.js'
import { Receivers } from '../../../../src/client/net/receiving/receivers.js'
import { WantedPieces } from '../../../../src/engine/pick/wanted-pieces.js'
import { Torrent } from '../../../../src/engine/torrent.js'
import type { TorrentWorld } from '../../../../src/engine/world.js'
import { PieceHashes } from '../../../../src/protocol/metainfo/piece-hashes.js'
import type { SampleTorrent } from '../../support/sample-torrent.js'

/** A download without a session and without peers: the engine, the disk, and what blocks arrive by. */
export class LoneDownload implements AsyncDisposable {
  readonly pool: DiskPool
  readonly storage: Storage
  readonly torrent: Torrent
  readonly receivers = new Receivers(() => performance.now())
  /** Resolves when all pieces are verified. */
  readonly completed: Promise<void>

  /** @param receiveBytes memory for blocks that arrive */
  constructor({ metainfo }: SampleTorrent, dir: string, receiveBytes: number) {
    let completed = () => {}
    this.completed = new Promise(resolve => {
      completed = resolve
    })
    this.pool = new DiskPool({ workers: 2, receiveBytes, readBytes: 2 ** 19 })
    const storage = this.pool.openStorage(metainfo, { dir, mode: 'write' })
    const hashes = new PieceHashes(metainfo, metainfo.pieceLayers, storage.map)
    const world: TorrentWorld = {
      random: new SeededRandom(1),
      now: () => performance.now(),
      mayConnect: () => false,
      hasPlace: () => false,
      connect: () => {},
      onBanned: () => {},
      workInTurns: inOneGo,
      discardPiece: piece => storage.discard(piece),
      digestBlocks: (_piece, use) => use(undefined),
      completed,
    }
    const torrent = new Torrent(
      {
        infoHash: metainfo.infoHashV1 ?? new Uint8Array(20),
        peerId: new Uint8Array(20),
        map: storage.map,
        hashes,
        layeredFiles: [],
        wanted: new WantedPieces(new Bitfield(metainfo.pieceCount)),
        pick: 'random',
        digests: nodeDigests,
        maxPeers: 0,
        exchangesPeers: false,
        client: 'test',
        listenPort: 1,
      },
      world,
    )
    const fail = (error: Error) => {
      throw error
    }
    storage.listen({
      onRoom: () => this.receivers.resumeWaiting(),
      onPieceHashed: (piece, digests) =>
        torrent.downloader.pieceHashed(piece, hashes.matches(piece, digests)),
      onPieceSpoiled: (_piece, error) => fail(error),
      onWriteError: fail,
      onReadError: fail,
      onLoaded: () => {},
    })
    this.storage = storage
    this.torrent = torrent
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.pool.close()
  }
}
