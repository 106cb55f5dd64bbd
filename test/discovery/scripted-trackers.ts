import { SeededRandom } from '../../src/base/random.js'
import { Announcer, type AnnouncerOptions, type TrackerWarning } from '../../src/discovery/announcer.js'
import { TrackerError, type TrackerErrorFacts } from '../../src/discovery/tracker-error.js'
import type { PeerAddress } from '../../src/protocol/peer-address.js'
import type { AnnounceRequest } from '../../src/protocol/tracker/announce-request.js'
import type { AnnounceSuccess } from '../../src/protocol/tracker/announce-response.js'
import { VirtualClock } from './virtual-clock.js'

export interface Heard {
  readonly atMs: number
  readonly url: string
  readonly request: AnnounceRequest
}

type Behaviour = (heard: Heard, signal: AbortSignal) => Promise<AnnounceSuccess>

/** Trackers that exist in a test only, an announcer that knows no other, and all that passed between them. */
export class ScriptedTrackers {
  readonly clock = new VirtualClock()
  readonly heard: Heard[] = []
  readonly peers: { peers: readonly PeerAddress[]; url: string }[] = []
  readonly warnings: TrackerWarning[] = []
  readonly behaviours = new Map<string, Behaviour>()
  stats = { uploaded: 0, downloaded: 0, left: 1000, isPartialSeed: false }
  inFlight = 0
  mostInFlight = 0

  announcer(tiers: string[][], changes: Partial<AnnouncerOptions> = {}): Announcer {
    const announcer = new Announcer({
      tiers,
      infoHash: new Uint8Array(20).fill(1),
      peerId: new Uint8Array(20).fill(2),
      port: 6881,
      key: 7,
      random: new SeededRandom(1),
      stats: () => this.stats,
      onPeers: (peers, url) => this.peers.push({ peers, url }),
      onWarning: warning => this.warnings.push(warning),
      clock: this.clock,
      transport: async (url, request, { signal }) => {
        const heard = { atMs: this.clock.now(), url, request }
        this.heard.push(heard)
        this.inFlight++
        this.mostInFlight = Math.max(this.mostInFlight, this.inFlight)
        try {
          return await (this.behaviours.get(url) ?? works())(heard, signal)
        } finally {
          this.inFlight--
        }
      },
      ...changes,
    })
    announcer.wantsPeers(false)
    return announcer
  }

  /** `url event` of every announce so far. */
  get events(): string[] {
    return this.heard.map(({ url, request }) => `${url} ${request.event ?? '-'}`)
  }

  /** When a tracker was asked, in whole seconds. */
  secondsOf(url: string): number[] {
    return this.heard.filter(heard => heard.url === url).map(({ atMs }) => Math.round(atMs / 1000))
  }
}

export function works(answer: Partial<AnnounceSuccess> = {}): Behaviour {
  return async () => ({
    type: 'success',
    interval: 1800,
    minInterval: undefined,
    complete: 1,
    incomplete: 2,
    trackerId: undefined,
    warning: undefined,
    externalHost: undefined,
    peers: [],
    namedPeers: [],
    ...answer,
  })
}

export function fails(reason = 'connection refused', facts: Partial<TrackerErrorFacts> = {}): Behaviour {
  return async ({ url }) => {
    throw new TrackerError(facts.retryIn === undefined ? 'unreachable' : 'failure', { url, reason, ...facts })
  }
}

/** Never answers. */
export function hangs(): Behaviour {
  return (_, signal) =>
    new Promise((_, reject) => {
      if (signal.aborted) reject(signal.reason)
      signal.addEventListener('abort', () => reject(signal.reason))
    })
}

/** Answers as `behaviour` does once `release` is called. */
export function gated(behaviour: Behaviour): { behaviour: Behaviour; release: () => void } {
  let release = () => {}
  const opened = new Promise<void>(resolve => {
    release = resolve
  })
  return {
    behaviour: async (heard, signal) => {
      await opened
      return await behaviour(heard, signal)
    },
    release: () => release(),
  }
}
