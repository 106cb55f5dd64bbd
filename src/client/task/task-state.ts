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
export interface CheckingState {
  readonly type: 'checking'
  readonly content: Content
  /** `recheck`: everything is hashed, whatever was known. */
  readonly how: 'resume' | 'recheck'
  readonly next: 'active' | 'paused'
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

/** A torrent that goes on by itself. */
export type WorkingState = MetadataState | CheckingState | ActiveState

/** It has no peers, looks for none and does not work, but keeps its paths on the disk. */
export interface PausedState {
  readonly type: 'paused'
  /** The state to go on from. */
  readonly from: WorkingState
}

export interface Ended {
  /** The state it ended in: its figures are still asked for. */
  readonly last: WorkingState
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

/** The state of a torrent, with the parts that it has only then. */
export type TaskState = WorkingState | PausedState | ErrorState | StoppedState

export function isEnded(state: TaskState): state is ErrorState | StoppedState {
  return state.type === 'error' || state.type === 'stopped'
}

/** The state itself, or the one in which it was paused or ended. */
export function workingState(state: TaskState): WorkingState {
  if (isEnded(state)) return state.last
  return state.type === 'paused' ? state.from : state
}

/** The torrent among its peers, also where it was paused or ended; undefined where it was not among them yet. */
export function activeState(state: TaskState): ActiveState | undefined {
  const working = workingState(state)
  return working.type === 'active' ? working : undefined
}

/** As programs are told. */
export function nameOfState(state: TaskState): TorrentState {
  return state.type === 'active' ? state.activity : state.type
}

/** The content; undefined where the torrent has no metainfo yet, or ended without it. */
export function contentOf(state: TaskState): Content | undefined {
  const working = workingState(state)
  return working.type === 'metadata' ? undefined : working.content
}

/** The fetch of the metainfo, as long as its connections last. */
export function fetchOf(state: TaskState): MetadataFetch | undefined {
  const working = workingState(state)
  return working.type === 'active' ? undefined : working.fetch
}

/** A state to go on from once it was left. */
export function leftState(state: WorkingState): WorkingState {
  return state.type === 'active' ? state : { ...state, fetch: undefined }
}
