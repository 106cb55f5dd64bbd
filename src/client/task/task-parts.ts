import type { TorrentLimits } from '../limits/rate-limits.js'
import type { EventTeller } from './event-teller.js'
import type { SessionTally } from './session-tally.js'
import type { AddOptions, TaskHost } from './task-host.js'

/** The parts that a torrent has in every state. */
export interface TaskParts {
  readonly host: TaskHost
  readonly options: AddOptions
  readonly limits: TorrentLimits
  readonly teller: EventTeller
  readonly tally: SessionTally
}
