// BEP 3, 7, 23, 24, 48: requests of a tracker's clients as HTTP queries, and its answers bencoded.

import {
  encodeAnnounceAnswer,
  encodeFailure,
  type PeerFormat,
} from '../../protocol/tracker/announce-answer.js'
import { type AnnounceRequest, parseAnnounceQuery } from '../../protocol/tracker/announce-request.js'
import { TrackerMessageError } from '../../protocol/tracker/message-error.js'
import { encodeScrapeAnswer, parseScrapeQuery, type SwarmCounts } from '../../protocol/tracker/scrape.js'
import type { TrackerDecision, TrackerRequest } from '../decisions.js'

/** Decides the request of one client. */
type Decide = (request: TrackerRequest) => TrackerDecision

/** Info hashes in one scrape. */
const MAX_INFO_HASHES = 100

/** Answers the query of an announce; one that makes no sense gets a refusal that says why. */
export function answerAnnounceQuery(query: string, decide: Decide): Uint8Array {
  return refusingMalformed(() => {
    const request = parseAnnounceQuery(query)
    return encode(decide({ type: 'announce', announce: request }), formatFor(request))
  })
}

/** Answers the query of a scrape. Swarms without peers are left out. */
export function answerScrapeQuery(query: string, decide: Decide): Uint8Array {
  return refusingMalformed(() => {
    const infoHashes = parseScrapeQuery(query, MAX_INFO_HASHES)
    return encode(decide({ type: 'scrape', infoHashes }), 'compact')
  })
}

function refusingMalformed(answer: () => Uint8Array): Uint8Array {
  try {
    return answer()
  } catch (error) {
    if (!(error instanceof TrackerMessageError)) throw error
    return encodeFailure(error.message)
  }
}

function encode(decision: TrackerDecision, format: PeerFormat): Uint8Array {
  switch (decision.type) {
    case 'refusal':
      return encodeFailure(decision.message, decision.retryMinutes)
    case 'announce': {
      const { counts, interval, minInterval, externalHost, peers } = decision
      return encodeAnnounceAnswer({ ...counts, interval, minInterval, externalHost, peers, format })
    }
    case 'scrape':
      return encodeScrapeAnswer(
        decision.swarms.filter(
          (swarm): swarm is readonly [Uint8Array, SwarmCounts] => swarm[1] !== undefined,
        ),
      )
  }
}

function formatFor({ compact, noPeerId }: AnnounceRequest): PeerFormat {
  if (compact) return 'compact'
  return noPeerId ? 'dictionaries-without-ids' : 'dictionaries'
}
