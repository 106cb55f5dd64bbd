import type { PeerFailure, TorrentStatus } from '../session/session-port.js'
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

/** The reason is given after a download has stood still for this long. */
const PATIENCE_SECONDS = 10

/** Explains once why a download stands still, since people take silence for a hang. */
export class Waiting {
  readonly #sources: PeerSources
  #isTold = false

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
    status: Pick<TorrentStatus, 'peers' | 'seeds'>,
    seen: { readonly hasWarned: boolean; readonly failures: readonly PeerFailure[] },
  ): string | undefined {
    if (this.#isTold || stillSeconds < PATIENCE_SECONDS) return undefined
    this.#isTold = true
    return `${this.#reason(status, seen)}; still waiting, Ctrl-C stops`
  }

  #reason(
    { peers, seeds }: Pick<TorrentStatus, 'peers' | 'seeds'>,
    { hasWarned, failures }: { readonly hasWarned: boolean; readonly failures: readonly PeerFailure[] },
  ): string {
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
