import type { PeerFailure, TorrentStatus } from '../session/session-port.js'
import { counted } from '../view/text.js'
import { failuresInWords } from './peer-failures.js'

/** From whom a download can hear of peers. */
export interface PeerSources {
  readonly hasTrackers: boolean
  /** Named with `--peer`. */
  readonly hasPeers: boolean
  /** The torrent names web seeds, which are not used. */
  readonly hasWebSeeds: boolean
}

/** How long a download stands still before it is said why. */
const PATIENCE_SECONDS = 10

/** Says once why a download stands still, in words: people take silence for a hang. */
export class Waiting {
  readonly #sources: PeerSources
  #isTold = false

  constructor(sources: PeerSources) {
    this.#sources = sources
  }

  /** What is wrong from the start: nobody can be asked for peers. */
  get problem(): string | undefined {
    if (this.#sources.hasTrackers || this.#sources.hasPeers) return undefined
    const what = this.#sources.hasWebSeeds ? 'web seeds are not used yet, and there' : 'there'
    return `${what} is no tracker to ask for peers: name a tracker with --tracker or a peer with --peer`
  }

  /** The line that is to be said now, if any. */
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
      const what = seeds > 0 ? 'and nothing comes from them yet' : 'and nobody has what is missing'
      return `${counted(peers, 'peer')}, ${what}`
    }
    if (failures.length > 0) return `no peer yet: ${failuresInWords(failures)}`
    if (!this.#sources.hasTrackers) return 'no peer yet'
    return hasWarned
      ? 'no peer yet (see the warnings above)'
      : 'no peer yet: its trackers know of nobody else'
  }
}
