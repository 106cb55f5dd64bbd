/**
 * The package for programs: make, check, download and seed torrents, and run a tracker. Whatever fails throws a
 * `CodedError`, whose `code` says why.
 */

import { nodeDigests } from './client/digests.js'
import type { Metainfo } from './protocol/metainfo/metainfo.js'
import { parseMetainfo as parse } from './protocol/metainfo/parse.js'

export { CodedError } from './base/errors.js'
export { type ContentReport, checkContent, type FileReport, type FileState } from './client/check-content.js'
export {
  type DraftOptions,
  draftTorrent,
  type TorrentDraft,
  type WorkOptions,
} from './client/create/draft-torrent.js'
export type { ContentExchange, MetadataExchange, PeerSnapshot } from './client/net/peer-snapshot.js'
export type { StreamEncryption } from './client/net/peer-stream.js'
export { Session, type SessionOptions } from './client/session.js'
export type { SessionEvent } from './client/session-events.js'
export type { FilePage, FileSnapshot, PageRange } from './client/task/file-snapshots.js'
export type { Goal, Goals } from './client/task/goals.js'
export { CommandError, type CommandErrorCode, type CommandOutcome } from './client/task/task-commands.js'
export type { AddOptions } from './client/task/task-host.js'
export type { FileChecksum, TorrentEvent, TorrentState, TorrentStatus } from './client/task/torrent-events.js'
export type { TorrentTask } from './client/task/torrent-task.js'
export type { TorrentIdentity, UnresolvedTorrent } from './client/task/unresolved-torrent.js'
export type { FinderKind, FinderOwner, FinderStatus, PeerFinder, SoughtTorrent } from './discovery/finder.js'
export type { FinderReport } from './discovery/finders.js'
export { type Magnet, type MagnetSource, parseMagnet, toMagnet } from './protocol/magnet.js'
export type { ContentEntry, Info, Metainfo } from './protocol/metainfo/metainfo.js'
export type { PeerSource } from './protocol/peer-source.js'
export { TrackerServer, type TrackerServerOptions, type TrackerStats } from './tracker/tracker-server.js'

/**
 * Reads a .torrent (BEP 3, 52).
 * @throws {import('./protocol/metainfo/metainfo-error.js').MetainfoError} with the key that is wrong
 */
export function parseMetainfo(bytes: Uint8Array): Metainfo {
  return parse(bytes, nodeDigests)
}
