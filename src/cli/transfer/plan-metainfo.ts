import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import type { CommandContext } from '../command-context.js'
import { NO_LIMIT } from '../options/option-values.js'
import type { SessionPort } from '../session/session-port.js'
import { fetchMetainfo } from '../torrents/fetch-metainfo.js'
import { hasMetainfo, infoHashOf, shownNameOf } from '../torrents/torrent-facts.js'
import type { TransferPlan } from './transfers.js'

/** What is done with plans before, or instead of, their downloads. */
export interface PlannedRun {
  readonly context: CommandContext
  readonly signal: AbortSignal
  /** How long metadata is waited for, in seconds. */
  readonly timeoutSeconds: number
  /** Opened only where metadata has to come from peers; closed by its user. */
  openSession(): Promise<SessionPort>
}

/** The metainfo of a plan: of a magnet link it comes from peers, or from where an earlier session kept it. */
export async function metainfoOf({ torrent, options }: TransferPlan, run: PlannedRun): Promise<Metainfo> {
  if (hasMetainfo(torrent)) return torrent
  const { output } = run.context
  const about = { infoHash: infoHashOf(torrent), name: shownNameOf(torrent) }
  output.note(`${about.name}: asking peers for the metadata`)
  await using session = await run.openSession()
  return await fetchMetainfo(session, torrent, {
    sources: options,
    timeoutSeconds: run.timeoutSeconds === NO_LIMIT ? 0 : run.timeoutSeconds,
    signal: run.signal,
    warn: (code, message) => output.warn(code, message, about),
  })
}
