import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import { CliError } from '../errors/cli-error.js'
import type { AddOptions, SessionPort, TorrentPort, UnresolvedTorrent } from '../session/session-port.js'
import { failuresInWords } from '../transfer/peer-failures.js'
import { Waiting } from '../transfer/waiting.js'
import { formatDuration } from '../values/units.js'
import { shownNameOf } from './torrent-facts.js'

export interface FetchOptions {
  readonly sources: Pick<AddOptions, 'peers' | 'trackers' | 'useTrackers'>
  /** 0: no limit. */
  readonly timeoutSeconds: number
  readonly signal: AbortSignal
  /** Takes what goes wrong meanwhile, such as a tracker that cannot be reached. */
  readonly warn: (code: string, message: string) => void
}

/**
 * The metainfo of a magnet link, from peers; nothing of the content is touched.
 * @throws {CliError} where none has come in time, or the user has stopped it; what the session finds wrong with it
 */
export async function fetchMetainfo(
  session: SessionPort,
  magnet: UnresolvedTorrent,
  { sources, timeoutSeconds, signal, warn }: FetchOptions,
): Promise<Metainfo> {
  const torrent = await session.add(magnet, { dir: '.', mode: 'get', ...sources })
  let timer: NodeJS.Timeout | undefined
  let stop = (): void => {}
  try {
    return await new Promise<Metainfo>((resolve, reject) => {
      stop = () => {
        const what = `${shownNameOf(magnet)}: stopped before its metadata arrived`
        reject(new CliError('interrupted', what, { subject: shownNameOf(magnet) }))
      }
      signal.addEventListener('abort', stop)
      if (timeoutSeconds > 0)
        timer = setTimeout(
          () => reject(tooLate(torrent, magnet, sources, timeoutSeconds)),
          timeoutSeconds * 1_000,
        )
      torrent.onEvent(event => {
        if (event.type === 'warning') warn(event.code, event.message)
        if (event.type === 'error') reject(event.error)
        if (event.type !== 'resolved') return
        // Before anything is looked for on the disk.
        void torrent.remove()
        resolve(event.metainfo)
      })
    })
  } finally {
    signal.removeEventListener('abort', stop)
    clearTimeout(timer)
    await torrent.remove()
  }
}

function tooLate(
  { status, peerFailures }: TorrentPort,
  magnet: UnresolvedTorrent,
  { peers = [], trackers = [], useTrackers = true }: FetchOptions['sources'],
  timeoutSeconds: number,
): CliError {
  const name = shownNameOf(magnet)
  const what = `${name}: no metadata after ${formatDuration(timeoutSeconds)}`
  if (status.peers === 0 && peerFailures.length > 0)
    return new CliError('peers-failed', `${what}: ${failuresInWords(peerFailures)}`, { subject: name })
  const waiting = new Waiting({
    hasTrackers: trackers.length > 0 || (useTrackers && magnet.trackers.length > 0),
    hasPeers: peers.length > 0,
    hasWebSeeds: false,
  })
  return new CliError('nothing-moved', `${what}: ${waiting.whyNoMetadata(status)}`, { subject: name })
}
