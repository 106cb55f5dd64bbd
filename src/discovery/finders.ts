import { CodedError } from '../base/errors.js'
import type { PeerAddress } from '../protocol/peer-address.js'
import type { PeerSource } from '../protocol/peer-source.js'
import type { FinderKind, FinderStatus, PeerFinder, SoughtTorrent } from './finder.js'
import { isSourceAllowed } from './private-torrents.js'

export interface FindersOwner {
  found(addresses: readonly PeerAddress[], source: PeerSource): void
  /** Whether there are places for more peers. */
  wantsPeers(): boolean
  onWarning(code: string, message: string): void
}

/** How one of the finders stands, for people. */
export interface FinderReport {
  readonly source: PeerSource
  /** `off`: it is not used for a private torrent (BEP 27). */
  readonly status: FinderStatus | { readonly type: 'off'; readonly reason: 'private' }
}

/** Milliseconds between two looks at whether peers are wanted. */
const WANTS_PEERS_EVERY_MS = 30_000

type State =
  | { readonly type: 'off' }
  | { readonly type: 'in-use'; readonly finder: PeerFinder }
  /** Told nothing any more, but to stop. */
  | { readonly type: 'failed'; readonly finder: PeerFinder | undefined; readonly error: CodedError<string> }

interface Entry {
  readonly source: PeerSource
  state: State
}

/** All that finds peers of one torrent. Each finder is told the same; one that fails does not touch the others. */
export class Finders {
  readonly #owner: FindersOwner
  readonly #entries: readonly Entry[]
  /** The ends of those that turned out not to be allowed. */
  readonly #ended: Promise<void>[] = []
  #isStopped = false
  #isWanting = true
  #nextLookAt = 0

  /** Those that a private torrent must not use are not made. */
  constructor(kinds: readonly FinderKind[], torrent: SoughtTorrent, owner: FindersOwner) {
    this.#owner = owner
    this.#entries = kinds.map(kind => this.#enter(kind, torrent))
  }

  get status(): readonly FinderReport[] {
    return this.#entries.map(({ source, state }) => ({ source, status: statusOf(state) }))
  }

  start(): void {
    this.#tell(finder => finder.start())
  }

  /** The metainfo has come: finders that the torrent may not use, being private, end (BEP 27). */
  resolved(torrent: Pick<SoughtTorrent, 'infoHashes' | 'isPrivate'>): void {
    for (const entry of this.#entries) {
      if (isSourceAllowed(entry.source, torrent) || entry.state.type === 'off') continue
      const { finder } = entry.state
      entry.state = { type: 'off' }
      const ended = finder?.stop().catch(error => this.#failed(entry, error))
      if (ended !== undefined) this.#ended.push(ended)
    }
    this.#tell(finder => finder.resolved?.(torrent.infoHashes))
  }

  /** The download is complete. */
  completed(): void {
    this.#tell(finder => finder.completed?.())
  }

  /** @param now in milliseconds from any beginning */
  onSecond(now: number): void {
    if (now < this.#nextLookAt) return
    this.#nextLookAt = now + WANTS_PEERS_EVERY_MS
    const isWanting = this.#owner.wantsPeers()
    if (isWanting === this.#isWanting) return
    this.#isWanting = isWanting
    this.#tell(finder => finder.wantsPeers?.(isWanting))
  }

  /** Stops all of them, and waits for them. Called again, it makes them hurry. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await Promise.all([
      ...this.#ended,
      ...this.#entries.map(async entry => {
        if (entry.state.type === 'off') return
        try {
          await entry.state.finder?.stop()
        } catch (error) {
          this.#failed(entry, error)
        }
      }),
    ])
  }

  #enter(kind: FinderKind, torrent: SoughtTorrent): Entry {
    const { source } = kind
    const entry: Entry = { source, state: { type: 'off' } }
    if (!isSourceAllowed(source, torrent)) return entry
    try {
      const finder = kind.finderFor(torrent, {
        found: addresses => {
          if (!this.#isStopped && entry.state.type !== 'off') this.#owner.found(addresses, source)
        },
        onWarning: (code, message) => this.#owner.onWarning(code, message),
      })
      entry.state = { type: 'in-use', finder }
    } catch (error) {
      this.#failed(entry, error)
    }
    return entry
  }

  #tell(say: (finder: PeerFinder) => void): void {
    for (const entry of this.#entries) {
      if (entry.state.type !== 'in-use') continue
      try {
        say(entry.state.finder)
      } catch (error) {
        this.#failed(entry, error)
      }
    }
  }

  #failed(entry: Entry, error: unknown): void {
    if (!(error instanceof CodedError)) throw error
    const finder = entry.state.type === 'off' ? undefined : entry.state.finder
    entry.state = { type: 'failed', finder, error }
    this.#owner.onWarning(error.code, error.message)
  }
}

function statusOf(state: State): FinderReport['status'] {
  switch (state.type) {
    case 'off':
      return { type: 'off', reason: 'private' }
    case 'in-use':
      return state.finder.status
    case 'failed':
      return { type: 'failed', code: state.error.code, message: state.error.message }
  }
}
