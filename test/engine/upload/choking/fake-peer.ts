import type { ChokablePeer } from '../../../../src/engine/upload/choking/standing.js'

export interface FakePeer extends ChokablePeer {
  readonly name: string
  isInterested: boolean
  isSnubbed: boolean
  readonly pieces: { count: number; length: number }
  readonly received: { total: number }
  readonly sent: { total: number }
  readonly uploadQueue: { length: number }
  readonly link: { waitingBytes: number }
  /** Bytes a round, from it to us. */
  gives: number
  /** Bytes a round, from us to it, while it is unchoked. */
  takes: number
}

/** What a choker has to know of a peer; it waits for a block of ours. */
export function fakePeer(name: string, facts: Partial<FakePeer> = {}): FakePeer {
  return {
    name,
    isInterested: true,
    isSnubbed: false,
    pieces: { count: 0, length: 100 },
    received: { total: 0 },
    sent: { total: 0 },
    uploadQueue: { length: 1 },
    link: { waitingBytes: 0 },
    group: name,
    connectedAt: 0,
    standing: undefined,
    gives: 0,
    takes: 0,
    ...facts,
  }
}
