/** Nodes in a bucket, in an answer, and that store what is announced (`k` of Kademlia, BEP 5). */
export const K = 8

/** Queries of a lookup under way at a time (`α` of Kademlia). */
export const ALPHA = 3

const SECOND = 1_000
const MINUTE = 60 * SECOND

/** Every bound of a node, and why it has its value. Times are milliseconds. */
export const DHT_LIMITS = {
  /** BEP 5: a node is good for this long after it was heard of, and a bucket fresh after it changed. */
  freshMs: 15 * MINUTE,
  /** Queries in a row without an answer after which a node is bad (BEP 5: more than one). */
  failures: 2,
  /** Nodes beside a bucket that take the place of one that goes bad. */
  replacements: K,
  /** Nodes of one /24 of IPv4, or one /64 of IPv6, in a bucket and in the nodes that a lookup asks. */
  nodesPerNetwork: 2,
  /** Buckets of a table. Tables of the largest known networks have 27; more are made only by forged ids. */
  buckets: 40,
  /** Between two looks at what has to be refreshed: a table of 160 nodes is pinged once in 15 minutes. */
  upkeepMs: 5 * SECOND,

  /** Before the first round trip is measured: a query is slow after this time, and another is sent in its place. */
  firstSlowMs: SECOND,
  leastSlowMs: 300,
  mostSlowMs: 2 * SECOND,
  /** A query is lost after this many times the time after which it is slow. */
  lostFactor: 3,
  leastLostMs: 2 * SECOND,
  mostLostMs: 6 * SECOND,
  /** Queries under way at a time, of everything that a node does: some 3 for each lookup, and the pings. */
  queries: 1_024,
  /** Pings under way at a time: those of saved nodes are over in a few seconds. */
  pings: 32,
  /** Nodes that wait to be pinged; further ones are forgotten. */
  waitingPings: 512,

  /** Lookups under way at a time. */
  lookups: 16,
  /** Lookups that wait: one for each hash of 10,000 hybrid torrents. */
  waitingLookups: 20_000,
  /** Queries of one lookup: five times as many as it takes, where many nodes lie. */
  queriesPerLookup: 125,
  /** Nodes that a lookup keeps in mind, the closest ones. */
  candidates: 100,
  /** Nodes of one answer that a lookup looks at. */
  nodesPerAnswer: 2 * K,
  /** Nodes without a valid id (BEP 42) that a lookup asks. */
  insecureAsked: 3 * K,
  /** Peers that a lookup finds: more than a torrent connects to. */
  peersPerLookup: 2_000,
  /** Addresses that are asked again when all nodes are gone. */
  entrances: 64,
  /** Between two attempts to find the first nodes; doubles up to `mostBootstrapMs`. */
  firstBootstrapMs: 5 * SECOND,
  mostBootstrapMs: 5 * MINUTE,

  /** BEP 5: the secret of tokens changes this often, and the one before is still accepted. */
  tokenMs: 5 * MINUTE,

  /** Queries answered: the nodes of the largest known network send a node some 100 a second. */
  queriesPerSecond: 500,
  queryBurst: 1_000,
  /** Of one host, or one /64 of IPv6: a lookup asks a node twice, so this is a router with many people behind it. */
  hostQueriesPerSecond: 10,
  hostQueryBurst: 100,
  /** Hosts whose queries are counted, in each of two generations. */
  rateHosts: 16_384,
  /** The largest answer to a host that has not proven that it receives answers, in lengths of its query. */
  amplification: 3,
  /** BEP 32: the largest datagram that is sent. */
  datagramBytes: 1_024,
  /** The same where it holds an item, which takes 1,100 bytes with key and signature. */
  itemDatagramBytes: 1_400,
  /** Answers that wait until their host has shown that it receives them. */
  waitingAnswers: 64,
  /** How long a host that has answered counts as one that receives answers, and how many are remembered in each of two generations. */
  provenMs: 10 * MINUTE,
  provenHosts: 8_192,

  /** Peers are kept as long as libtorrent keeps them: clients announce every 15 to 30 minutes, and one announce may be lost. */
  peerMs: 45 * MINUTE,
  hashes: 20_000,
  peers: 100_000,
  /** Below the 6,000 up to which bloom filters tell numbers apart (BEP 33). */
  peersPerHash: 2_000,
  /** Of one host, or one /64 of IPv6, unless it is local: a twentieth of all. */
  peersPerHost: 5_000,
  /** Peers in an answer, as far as they fit. */
  valuesPerAnswer: 50,
  /** BEP 44: items expire after two hours. */
  itemMs: 120 * MINUTE,
  /** Some 2 MB. */
  items: 2_000,
  itemsPerHost: 100,
  /** BEP 51: info hashes in a sample, and how long it stays the same. */
  samples: 20,
  sampleMs: 30 * MINUTE,
  /** Between two looks at what has expired. */
  expiryMs: MINUTE,
}

export type DhtLimits = Readonly<typeof DHT_LIMITS>
