import type { Method } from '../protocol/dht/messages.js'
import type { DhtStatus, DropReason } from './status.js'

/** Counts what a node has sent, received and dropped. */
export class Counters {
  sentQueries = 0
  sentAnswers = 0
  sentErrors = 0
  sentBytes = 0
  receivedAnswers = 0
  receivedErrors = 0
  receivedBytes = 0
  lostQueries = 0
  readonly receivedQueries: Record<Method, number> = {
    ping: 0,
    find_node: 0,
    get_peers: 0,
    announce_peer: 0,
    get: 0,
    put: 0,
    sample_infohashes: 0,
  }
  readonly dropped: Record<DropReason, number> = {
    'not-bencoded': 0,
    'not-a-dictionary': 0,
    'no-transaction': 0,
    'no-type': 0,
    'no-id': 0,
    unasked: 0,
    'wrong-address': 0,
    'wrong-sender': 0,
    'own-id': 0,
    'rate-limited': 0,
    'read-only': 0,
  }

  figures(): Pick<DhtStatus, 'sent' | 'received' | 'dropped'> {
    return {
      sent: {
        queries: this.sentQueries,
        answers: this.sentAnswers,
        errors: this.sentErrors,
        bytes: this.sentBytes,
      },
      received: {
        queries: { ...this.receivedQueries },
        answers: this.receivedAnswers,
        errors: this.receivedErrors,
        bytes: this.receivedBytes,
        lost: this.lostQueries,
      },
      dropped: { ...this.dropped },
    }
  }
}
