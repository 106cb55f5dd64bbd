import type { Random } from '../base/random.js'
import type { AnnounceEvent } from '../protocol/tracker/announce-request.js'
import type { AnnounceSuccess } from '../protocol/tracker/announce-response.js'
import { AnnounceSchedule } from './announce-schedule.js'
import type { TrackerError, TrackerErrorCode } from './tracker-error.js'

export type TrackerState =
  | { readonly type: 'waiting' }
  | { readonly type: 'announcing' }
  | { readonly type: 'working' }
  /** `retryInMs` is infinite where it is not asked again. */
  | {
      readonly type: 'failing'
      readonly code: TrackerErrorCode
      readonly message: string
      readonly retryInMs: number
    }

/** The status of one tracker, for people. */
export interface TrackerStatus {
  readonly url: string
  /** From 0. */
  readonly tier: number
  readonly state: TrackerState
  /** As the last answer had them. */
  readonly seeders: number | undefined
  readonly leechers: number | undefined
  readonly peers: number
  /** Our address as the tracker sees it (BEP 24). */
  readonly externalHost: string | undefined
}

export interface AnnounceInFlight {
  readonly event: AnnounceEvent | undefined
  readonly controller: AbortController
  /** Resolves when the announce is over, however it went. */
  readonly done: Promise<void>
}

/** The state of one tracker, and the events it has been told. */
export class TrackerRecord {
  readonly url: string
  readonly schedule: AnnounceSchedule
  inFlight: AnnounceInFlight | undefined
  #hasStarted = false
  #hasCompleted = false
  #lastAnswer: AnnounceSuccess | undefined
  #trackerId: Uint8Array | undefined
  #failure: TrackerError | undefined

  constructor(url: string, random: Random) {
    this.url = url
    this.schedule = new AnnounceSchedule(random)
  }

  /** The last `tracker id` that the tracker gave; it stays until the tracker gives another. */
  get trackerId(): Uint8Array | undefined {
    return this.#trackerId
  }

  /** The event that the next announce has to carry. */
  nextEvent(isCompleted: boolean): AnnounceEvent | undefined {
    if (!this.#hasStarted) return 'started'
    return isCompleted && !this.#hasCompleted ? 'completed' : undefined
  }

  /** The events to announce when we leave; none for a tracker that has had no announce. */
  lastEvents(isCompleted: boolean): AnnounceEvent[] {
    if (!this.#hasStarted) return []
    return this.nextEvent(isCompleted) === 'completed' ? ['completed', 'stopped'] : ['stopped']
  }

  /** Returns true where the tracker's warning is new. */
  succeeded(event: AnnounceEvent | undefined, answer: AnnounceSuccess): boolean {
    if (event === 'started') this.#hasStarted = true
    if (event === 'completed') this.#hasCompleted = true
    if (event === 'stopped') this.#hasStarted = false
    const isNews = answer.warning !== undefined && answer.warning !== this.#lastAnswer?.warning
    this.#trackerId = answer.trackerId ?? this.#trackerId
    this.#lastAnswer = answer
    this.#failure = undefined
    return isNews
  }

  /** Returns true where the reason is another than that of the failure before. */
  failed(error: TrackerError): boolean {
    const isNews = error.message !== this.#failure?.message
    this.#failure = error
    return isNews
  }

  status(tier: number, now: number): TrackerStatus {
    return {
      url: this.url,
      tier,
      state: this.#state(now),
      seeders: this.#lastAnswer?.complete,
      leechers: this.#lastAnswer?.incomplete,
      peers: (this.#lastAnswer?.peers.length ?? 0) + (this.#lastAnswer?.namedPeers.length ?? 0),
      externalHost: this.#lastAnswer?.externalHost,
    }
  }

  #state(now: number): TrackerState {
    if (this.inFlight !== undefined) return { type: 'announcing' }
    if (this.#failure !== undefined) {
      const { code, message } = this.#failure
      const retryAt = this.schedule.dueAt({ peers: false, event: false })
      return { type: 'failing', code, message, retryInMs: Math.max(0, retryAt - now) }
    }
    return this.#lastAnswer === undefined ? { type: 'waiting' } : { type: 'working' }
  }
}
