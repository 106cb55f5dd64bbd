// BEP 3, 7, 23, 24: answering an announce.

import type { Random } from '../base/random.js'
import { encodeAnnounceAnswer, encodeFailure, type PeerFormat } from '../protocol/tracker/announce-answer.js'
import { type AnnounceRequest, parseAnnounceQuery } from '../protocol/tracker/announce-request.js'
import { TrackerMessageError } from '../protocol/tracker/message-error.js'
import type { SwarmCounts } from '../protocol/tracker/scrape.js'
import type { TrackerClient } from './client.js'
import type { AnnounceRefusal, SwarmStore } from './swarm-store/swarm-store.js'

export interface AnnounceRules {
  /** Seconds until a peer is to announce again; up to a tenth more is added by chance. */
  readonly intervalSeconds: number
  readonly minIntervalSeconds: number
  readonly random: Random
}

/** One announce that was taken, for those who watch. */
export interface AnnounceSeen extends SwarmCounts {
  readonly request: AnnounceRequest
  /** Where it came from. */
  readonly host: string
}

export interface AnnounceAnswered {
  readonly body: Uint8Array
  /** Undefined where it was refused. */
  readonly seen: AnnounceSeen | undefined
}

const DEFAULT_NUMWANT = 50
const MAX_NUMWANT = 200
/** Minutes after which another try is worth it. */
const RETRY_WHEN_FULL = 15
const REFUSALS: Readonly<Record<AnnounceRefusal, Uint8Array>> = {
  full: encodeFailure('this tracker is full', RETRY_WHEN_FULL),
  'address-has-too-many': encodeFailure('your address has too many peers at this tracker', RETRY_WHEN_FULL),
  'address-has-too-many-here': encodeFailure(
    'your address has too many peers of this torrent',
    RETRY_WHEN_FULL,
  ),
}

/**
 * Answers the query of an announce. The address is that of `client`: what the query says of it is not read. A query that makes no sense gets a refusal that says why.
 */
export function answerAnnounce(
  query: string,
  client: TrackerClient,
  store: SwarmStore,
  rules: AnnounceRules,
  now: number,
): AnnounceAnswered {
  let request: AnnounceRequest
  try {
    request = parseAnnounceQuery(query)
  } catch (error) {
    if (!(error instanceof TrackerMessageError)) throw error
    return { body: encodeFailure(error.message), seen: undefined }
  }
  const compact = compactOf(client.bytes, request.port)
  const outcome = store.announce(
    {
      infoHash: request.infoHash,
      peer: { compact, peerId: request.peerId },
      source: client,
      isSeeder: request.left === 0,
      event: request.event,
      numwant: Math.min(request.numwant ?? DEFAULT_NUMWANT, MAX_NUMWANT),
    },
    now,
  )
  switch (outcome.type) {
    case 'refused':
      return { body: REFUSALS[outcome.reason], seen: undefined }
    case 'listed': {
      const { counts, peers } = outcome
      const body = encodeAnnounceAnswer({
        ...counts,
        interval: jittered(rules),
        minInterval: rules.minIntervalSeconds,
        externalHost: client.host,
        peers,
        format: formatFor(request),
      })
      return { body, seen: { ...counts, request, host: client.host } }
    }
  }
}

/** Clients that came together do not come back together. */
function jittered({ intervalSeconds, random }: AnnounceRules): number {
  return intervalSeconds + random.below(Math.floor(intervalSeconds / 10) + 1)
}

function formatFor({ compact, noPeerId }: AnnounceRequest): PeerFormat {
  if (compact) return 'compact'
  return noPeerId ? 'dictionaries-without-ids' : 'dictionaries'
}

/** The 6 or 18 bytes of BEP 23 and 7; the port may be 0. */
function compactOf(host: Uint8Array, port: number): Uint8Array {
  const bytes = new Uint8Array(host.length + 2)
  bytes.set(host)
  bytes[host.length] = port >>> 8
  bytes[host.length + 1] = port & 0xff
  return bytes
}
