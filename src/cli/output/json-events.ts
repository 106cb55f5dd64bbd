// The types of what `--json` writes, as `json-schema.ts` defines it.

import type { InferOutput } from 'valibot'
import type { EventSchemas, magnetFacts, torrentDetails, torrentFacts } from './json-schema.js'

export type EventType = keyof EventSchemas

/** A whole line of `--json`, by its type. */
export type TimedEvent<Type extends EventType = EventType> = InferOutput<EventSchemas[Type]>

/** An event before `Output` adds its time. */
export type JsonEvent = Timeless<TimedEvent>

type Timeless<Event> = Event extends unknown ? Omit<Event, 'time'> : never

/** Why `get` or `seed` left a torrent. */
export type StopReason = TimedEvent<'stopped'>['reason']

export type TorrentFacts = InferOutput<typeof torrentFacts>
export type TorrentDetails = InferOutput<typeof torrentDetails>
export type MagnetFacts = InferOutput<typeof magnetFacts>
