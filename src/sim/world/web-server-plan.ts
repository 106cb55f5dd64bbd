/** A server that has the content, and is a web seed of the torrent (BEP 19). */
export interface WebServerPlan {
  /** Bytes a second, for all hosts together. */
  readonly uploadRate: number
  /** Its part of the way to any host, one way. */
  readonly latencyMs: number
  /** From a request until the first byte of its answer, besides the latency. */
  readonly answerMs: number
  /** Every piece whose number can be divided by this is bad as it sends it; undefined where none is. */
  readonly badEvery?: number | undefined
}
