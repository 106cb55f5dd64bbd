import type { PeerAddress } from '../../protocol/peer-address.js'
import type { TaskParts } from './task-parts.js'
import type { ActiveState, TaskState, WorkingState } from './task-state.js'

/** How commands and reports move a torrent from one state to another; `TorrentLife` does it. */
export interface LifeSteps {
  readonly parts: TaskParts
  readonly state: TaskState
  /** Those that the user named, to be connected to first. */
  peers: readonly PeerAddress[]
  /** Resolves when the trackers are told that it has left its peers, as far as it has. */
  readonly left: Promise<void>

  // For commands.

  /** Begins the work of a state. */
  goOn(state: WorkingState): void
  /**
   * Leaves the peers and ends all work; resolves when what is here is synced and saved.
   * @param purpose what it is for; `paused` is told
   */
  suspend(from: WorkingState, purpose: 'paused' | 'checking'): Promise<void>
  /** It was to be paused once it is checked, and is not any more. */
  staysActive(): void

  // For reports.

  /** Every piece is here. */
  allPiecesHere(active: ActiveState): void
  /** Pieces are missing. */
  download(active: ActiveState): void
  /** It cannot go on. */
  fail(thrown: unknown): void
}
