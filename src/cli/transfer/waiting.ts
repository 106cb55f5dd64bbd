import type { PeerFailure, TorrentStatus } from '../session/session-port.js'
import { formatBytes } from '../values/units.js'
import { counted } from '../view/text.js'
import { failuresInWords } from './peer-failures.js'

/** The sources of peers that a download has. */
export interface PeerSources {
  readonly hasTrackers: boolean
  /** Named with `--peer`. */
  readonly hasPeers: boolean
  /** The torrent names web seeds, which are not used. */
  readonly hasWebSeeds: boolean
}

/** The figures of a torrent that stands still. */
type WaitingStatus = Pick<TorrentStatus, 'state' | 'peers' | 'seeds' | 'metadata'>

/** The reason is given after a download has stood still for this long. */
const PATIENCE_SECONDS = 10

/** Explains once why a download stands still, since people take silence for a hang. */
export class Waiting {
  readonly #sources: PeerSources
  /** The states of the torrent in which it was told. */
  readonly #toldIn = new Set<TorrentStatus['state']>()

  constructor(sources: PeerSources) {
    this.#sources = sources
  }

  /** The problem that is known from the start: there is no source of peers. */
  get problem(): string | undefined {
    if (this.#sources.hasTrackers || this.#sources.hasPeers) return undefined
    const what = this.#sources.hasWebSeeds ? 'web seeds are not used yet, and there' : 'there'
    return `${what} is no tracker to ask for peers: give a tracker with --tracker or a peer with --peer`
  }

  /** The line to show now, if any. */
  lineAfter(
    stillSeconds: number,
    status: WaitingStatus,
    seen: { readonly hasWarned: boolean; readonly failures: readonly PeerFailure[] },
  ): string | undefined {
    if (this.#toldIn.has(status.state) || stillSeconds < PATIENCE_SECONDS) return undefined
    this.#toldIn.add(status.state)
    return `${this.#reason(status, seen)}; still waiting, Ctrl-C stops`
  }

  /** Why peers have not given the metadata. */
  whyNoMetadata({ peers, metadata }: WaitingStatus): string {
    const { holders = 0, tooLarge } = metadata ?? {}
    if (holders > 0) return `${counted(holders, 'peer')} with the metadata, and nothing comes from them`
    if (tooLarge !== undefined) return `the metadata has ${formatBytes(tooLarge)}, which is too large`
    if (peers > 0) return `${counted(peers, 'peer')}, and none gives the metadata`
    const { hasTrackers, hasPeers } = this.#sources
    const asked = [...(hasTrackers ? ['trackers'] : []), ...(hasPeers ? ['the named peers'] : [])]
    return `no peer found: asked ${asked.join(' and ')}`
  }

  #reason(
    status: WaitingStatus,
    { hasWarned, failures }: { readonly hasWarned: boolean; readonly failures: readonly PeerFailure[] },
  ): string {
    const { peers, seeds, state } = status
    if (state === 'metadata' && (peers > 0 || failures.length === 0)) return this.whyNoMetadata(status)
    if (peers > 0) {
      const what = seeds > 0 ? 'but none has sent data yet' : 'but none has the missing pieces'
      return `${counted(peers, 'peer')}, ${what}`
    }
    if (failures.length > 0) return `no peer yet: ${failuresInWords(failures)}`
    if (!this.#sources.hasTrackers) return 'no peer yet'
    return hasWarned
      ? 'no peer yet (see the warnings above)'
      : 'no peer yet: its trackers know of no other peers'
  }
}
