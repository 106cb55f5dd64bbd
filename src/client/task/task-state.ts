import type { CodedError } from '../../base/errors.js'
import type { Content } from './content.js'
import type { JoinedSwarm } from './joined-swarm.js'
import type { MetadataFetch } from './metadata-fetch.js'
import type { TorrentState } from './torrent-events.js'
import type { UnresolvedTorrent } from './unresolved-torrent.js'

/** The torrent is known by its info hash, and its metainfo is being fetched. */
interface MetadataState {
  readonly type: 'metadata'
  readonly torrent: UnresolvedTorrent
  /** From when it is known that no earlier session has kept the metainfo. */
  readonly fetch: MetadataFetch | undefined
}

/** It is being found out which pieces are on the disk. */
interface CheckingState {
  readonly type: 'checking'
  readonly content: Content
  /** Where the metainfo came from peers: their connections last until it is known what is there. */
  readonly fetch: MetadataFetch | undefined
}

/** Peers come and go. */
export interface ActiveState {
  readonly type: 'active'
  readonly activity: 'downloading' | 'verifying' | 'seeding'
  readonly content: Content
  readonly joined: JoinedSwarm
}

/** A torrent that goes on. */
export type LiveState = MetadataState | CheckingState | ActiveState

export interface Ended {
  /** The state it ended in: its figures are still asked for. */
  readonly last: LiveState
  /** Resolves once the trackers are told, the state is saved and the files are closed. */
  readonly closed: Promise<void>
}

export interface ErrorState extends Ended {
  readonly type: 'error'
  readonly error: CodedError<string>
}

export interface StoppedState extends Ended {
  readonly type: 'stopped'
}

/** What a torrent is at, and what it has only then. */
export type TaskState = LiveState | ErrorState | StoppedState

export function isEnded(state: TaskState): state is ErrorState | StoppedState {
  return state.type === 'error' || state.type === 'stopped'
}

/** The state itself, or the one in which it ended. */
export function liveState(state: TaskState): LiveState {
  return isEnded(state) ? state.last : state
}

/** As programs are told. */
export function nameOfState(state: TaskState): TorrentState {
  return state.type === 'active' ? state.activity : state.type
}

/** The content; undefined where the torrent has no metainfo yet, or ended without it. */
export function contentOf(state: TaskState): Content | undefined {
  const live = liveState(state)
  return live.type === 'metadata' ? undefined : live.content
}

/** The fetch of the metainfo, as long as its connections last. */
export function fetchOf(state: TaskState): MetadataFetch | undefined {
  const live = liveState(state)
  return live.type === 'active' ? undefined : live.fetch
}
