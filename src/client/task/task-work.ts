import { untilAborted } from '../../base/until-aborted.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import { loadMetadata, saveMetadata } from '../resume/metadata-file.js'
import type { EventTeller } from './event-teller.js'
import type { MetadataFetch } from './metadata-fetch.js'
import type { Stopping } from './stopping.js'
import type { AddOptions, TaskHost } from './task-host.js'
import type { TaskParts } from './task-parts.js'
import type { ActiveState, WorkingState } from './task-state.js'
import { resolveTorrent, type UnresolvedTorrent } from './unresolved-torrent.js'

/** All pieces are verified: whether the whole is, too, and on the disk for sure where that is wanted. Errors as `ContentGuard.verifyWhole`. */
export async function verifyWhole(
  { content, joined }: ActiveState,
  { sync = false }: AddOptions,
  signal: AbortSignal,
): Promise<'whole' | 'lost'> {
  const { care, resume } = content
  const outcome = await care.verifyWhole(joined.wanted)
  if (outcome === 'lost' || signal.aborted) return outcome
  // Content that was read as a whole just now need not be believed.
  if (care.isAllRead) resume.believed(0)
  resume.wholeVerified()
  if (sync) await resume.syncAll(joined.wanted.have, signal)
  return outcome
}

/** All is here: what is known is saved, and no worker need know of the torrent before a peer asks for something. */
export async function rest(
  { content, joined }: ActiveState,
  teller: EventTeller,
  run: Stopping,
): Promise<void> {
  if (content.awakeCare === undefined) run.rest()
  await content.resume.save(joined.progress)
  if (!run.isStopped) await teller.withDiskWarning(() => content.storage.rest())
}

/** The work has ended: what came before is written, synced and saved, and the files are closed until it goes on. */
export async function settle(
  { content, joined }: ActiveState,
  teller: EventTeller,
  run: Stopping,
): Promise<void> {
  await content.storage.drain()
  await content.resume.keep(joined.progress, run.signal)
  if (!run.isStopped) await teller.withDiskWarning(() => content.storage.rest())
}

/** The torrent has ended: what came before is written and saved. */
export async function saveLast({ content, joined }: ActiveState): Promise<void> {
  // Before the state is taken: a file that is written to later would have to be checked the next time.
  await content.storage.drain()
  await content.resume.save(joined.progress)
  await content.resume.close()
}

/** The next session needs no peer for the metainfo; where it cannot be kept, this one goes on. */
export async function keepMetadata(
  torrent: UnresolvedTorrent,
  metainfo: Pick<Metainfo, 'infoBytes' | 'pieceLayers'>,
  { host, teller }: TaskParts,
): Promise<void> {
  await teller.withDiskWarning(() => host.stateGate.run(() => saveMetadata(torrent, metainfo)))
}

/** The same for the piece layers, as soon as all that were missing have come from peers. */
export async function keepLayers(
  torrent: UnresolvedTorrent | undefined,
  { content, joined }: ActiveState,
  parts: TaskParts,
): Promise<void> {
  const pieceLayers = torrent && joined.takeLayers()
  if (torrent === undefined || pieceLayers === undefined) return
  await keepMetadata(torrent, { infoBytes: content.metainfo.infoBytes, pieceLayers }, parts)
}

/**
 * The metainfo of a torrent, as an earlier session kept it or from peers. Rejects with the signal's reason once aborted; errors as
 * `resolveTorrent`.
 * @param fetch asks peers for it
 */
export async function resolveMetainfo(
  torrent: UnresolvedTorrent,
  { stateGate }: TaskHost,
  signal: AbortSignal,
  fetch: () => MetadataFetch,
): Promise<Metainfo> {
  const kept = await stateGate.run(() => loadMetadata(torrent))
  signal.throwIfAborted()
  return kept ?? (await resolveTorrent(torrent, await untilAborted(fetch().metadata, signal)))
}

/** Ends the connections; resolves when the trackers are told. */
export async function leave(state: WorkingState): Promise<void> {
  await (state.type === 'active' ? state.joined.leave() : state.fetch?.leave())
}
