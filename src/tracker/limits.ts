/** The kind of network that a client's address belongs to. */
export type AddressKind = 'loopback' | 'private' | 'internet'

/** The limits of one address. IPv6 addresses are counted by their /64, since a single customer usually has one. */
export interface AddressLimits {
  /** TCP connections at the same time. */
  readonly connections: number
  /** Requests a second in the long run; infinite for no limit. */
  readonly requestsPerSecond: number
  /** Requests that may come at once after a time of silence. */
  readonly requestBurst: number
  /** Peers in all swarms together, so swarms, too. */
  readonly listings: number
  /** Peers in one swarm. */
  readonly peersPerSwarm: number
}

export interface TrackerLimits {
  /** TCP connections of all clients. */
  readonly connections: number
  readonly swarms: number
  /** Peers in all swarms together: less than a KiB each. */
  readonly peers: number
  readonly peersPerSwarm: number
  /** The part of an answer that peers of one address may fill, where there are others. */
  readonly answerShare: number
  /** Peers of one address that an answer may always hold. */
  readonly answerFloor: number
  /** Bytes of the head of a request. */
  readonly headBytes: number
  /** Milliseconds from the first byte of a request to its last, or from a connection to the first byte. */
  readonly requestMs: number
  /** Milliseconds until the answer to a request has left for a client that reads. */
  readonly answerMs: number
  /** Milliseconds that a connection may wait for its next request. */
  readonly idleMs: number
  readonly addresses: Readonly<Record<AddressKind, AddressLimits>>
}

/**
 * Every bound on what clients may take up, and why it has its value. The measure for one address of the internet is a
 * router with a hundred people behind it; the measure for this machine is one program with 10,000 hybrid torrents.
 */
export const TRACKER_LIMITS: TrackerLimits = {
  // Below the 4,096 open files that systems commonly allow; a connection lives for one announce, so that is a lot.
  connections: 4000,
  // Some 250 MB where each has one peer.
  swarms: 200_000,
  peers: 1_000_000,
  // The largest public swarms that are known have fewer.
  peersPerSwarm: 50_000,
  // An address that has most of the peers, whether a university or an attacker, leaves three quarters to others.
  answerShare: 1 / 4,
  // A household in a small swarm is found whole.
  answerFloor: 5,
  // An announce has some 500 bytes; cookies and proxies add to it.
  headBytes: 16_384,
  // An announce is one packet, and three retransmissions on a bad line take about 7 s.
  requestMs: 8000,
  // Answers of 4 KB, and a page of 50 KB, take less on a line of 64 kbit/s.
  answerMs: 10_000,
  // Enough for a client that announces its torrents one after the other.
  idleMs: 5000,
  addresses: {
    internet: {
      // All hundred announce in the same second, or ten at ten torrents at a time.
      connections: 128,
      // A hundred people with 30 torrents each announce 1.7 times a second; the rest is for scrapes and restarts.
      requestsPerSecond: 100,
      // The router comes back, and all of their torrents are announced at once.
      requestBurst: 3000,
      // A hundred people with 200 torrents each, and 2 % of the tracker.
      listings: 20_000,
      // A hundred people in the same swarm, whose clients restarted twice on new ports.
      peersPerSwarm: 300,
    },
    private: {
      // A network of one household or one company: better known, and often behind one gateway more.
      connections: 256,
      requestsPerSecond: 1000,
      requestBurst: 20_000,
      listings: 20_000,
      peersPerSwarm: 1000,
    },
    loopback: {
      // Programs of this machine have its processor anyway, but an honest client beside them waits no 50 ms.
      connections: 512,
      requestsPerSecond: Number.POSITIVE_INFINITY,
      requestBurst: Number.POSITIVE_INFINITY,
      // 10,000 hybrid torrents are 20,000 swarms.
      listings: 25_000,
      // Benchmarks have whole swarms on one machine; others in it still have their share of every answer.
      peersPerSwarm: 25_000,
    },
  },
}
