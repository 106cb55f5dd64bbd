import type { Bitfield } from '../../base/bitfield.js'
import { VERSION } from '../../base/version.js'
import { isSourceAllowed } from '../../discovery/private-torrents.js'
import type { LayeredFile } from '../../engine/hashes/layered-file.js'
import type { PickOrder } from '../../engine/pick/make-strategy.js'
import { Torrent } from '../../engine/torrent.js'
import type { TorrentWorld } from '../../engine/world.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import type { PieceHashes } from '../../protocol/metainfo/piece-hashes.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import { nodeDigests } from '../digests.js'
import { DiskError } from '../disk/disk-error.js'
import type { Storage } from '../disk/storage.js'
import { inTurns } from '../in-turns.js'
import type { ContentSwarm } from '../net/content-swarm.js'
import { wireHashes } from '../net/swarm.js'
import type { AddOptions, TaskHost } from './task-host.js'

/** What an engine needs of the task that it works for. */
export interface EngineOwner {
  /** What connections join; undefined while nobody is let in. */
  swarm(): ContentSwarm | undefined
  /** As in `TorrentWorld`. */
  discardPiece(piece: number): void
  completed(): void
  onBanned(address: PeerAddress, piece: number): void
}

/** The engine of a torrent whose data was checked. */
export function makeEngine(
  metainfo: Metainfo,
  host: TaskHost,
  owner: EngineOwner,
  state: {
    storage: Storage
    hashes: PieceHashes
    have: Bitfield
    pick: PickOrder
    usePeerExchange: boolean
    upload: AddOptions['upload']
  },
): Torrent {
  const { v1, v2 } = wireHashes(metainfo)
  return new Torrent(
    {
      infoHash: v1 ?? v2 ?? new Uint8Array(20),
      peerId: host.peerId,
      map: state.storage.map,
      hashes: state.hashes,
      layeredFiles: layeredFiles(metainfo),
      have: state.have,
      pick: state.pick,
      upload: state.upload,
      digests: nodeDigests,
      maxPeers: host.maxPeers,
      client: `torrent/${VERSION}`,
      listenPort: host.port,
      prefersEncryption: host.announcedEncryption !== undefined,
      exchangesPeers: state.usePeerExchange && isSourceAllowed('pex', metainfo),
    },
    worldOf(host, owner, state.storage),
  )
}

function worldOf(host: TaskHost, owner: EngineOwner, storage: Storage): TorrentWorld {
  return {
    random: host.random,
    now: () => host.now(),
    mayConnect: () => {
      const swarm = owner.swarm()
      return swarm !== undefined && host.mayConnect(swarm)
    },
    hasPlace: () => {
      const swarm = owner.swarm()
      return swarm !== undefined && host.hasPlace(swarm)
    },
    connect: (address, attempt) => {
      const swarm = owner.swarm()
      const infoHash = swarm?.hashForAttempt(attempt)
      if (swarm !== undefined && infoHash !== undefined) host.connect(swarm, address, infoHash)
    },
    workInTurns: steps => void inTurns(steps),
    digestBlocks: (piece, use) => void digestBlocks(storage, piece, use),
    discardPiece: piece => owner.discardPiece(piece),
    completed: () => owner.completed(),
    onBanned: (address, piece) => owner.onBanned(address, piece),
  }
}

async function digestBlocks(
  storage: Storage,
  piece: number,
  use: (digests: Uint8Array | undefined) => void,
): Promise<void> {
  try {
    use(await storage.digestBlocks(piece))
  } catch (error) {
    if (!(error instanceof DiskError)) throw error
    use(undefined)
  }
}

function layeredFiles({ entries, pieceLength }: Metainfo): LayeredFile[] {
  const files: LayeredFile[] = []
  for (const entry of entries) {
    if (entry.length <= pieceLength || entry.type !== 'file' || entry.piecesRoot === undefined) continue
    const { length, piecesRoot, offset } = entry
    files.push({ length, piecesRoot, firstPiece: offset / pieceLength })
  }
  return files
}
