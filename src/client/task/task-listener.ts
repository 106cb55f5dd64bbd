import type { PeerAddress } from '../../protocol/peer-address.js'
import type { StorageListener } from '../disk/storage.js'
import type { KeeperListener } from '../resume/resume-keeper.js'
import type { Rechecked } from './recheck.js'

/** Takes the reports of a torrent's parts. `TorrentLife` says what each event leads to. */
export interface TaskListener extends StorageListener, KeeperListener {
  /** The engine has every piece. */
  onAllPieces(): void
  /** A peer sent bad data for a piece, and is banned. */
  onBanned(address: PeerAddress, piece: number): void
  /** Files that another program changed were hashed again; `files` are their entries. */
  onRechecked(found: Rechecked, files: readonly number[]): void
  /** Files that another program changed could not be hashed again. */
  onRecheckFailed(error: unknown): void
  onWarning(code: string, message: string): void
}
