import { MAX_CANDIDATES } from '../../engine/connect/candidates.js'
import { MAX_WINDOW } from '../../engine/download/request-window.js'
import type { Torrent } from '../../engine/torrent.js'
import { MAX_UPLOAD_REQUESTS } from '../../engine/upload/upload-queue.js'

/** Pieces in progress for each possible connection and web seed: its own, and one that it left to others. */
const PIECES_PER_SOURCE = 2

/** The resources that a host uses, and may use. */
export interface Use {
  readonly peers: number
  readonly maxPeers: number
  readonly webSeeds: number
  readonly candidates: number
  readonly begunPieces: number
  /** The longest queue of all its peers. */
  readonly requests: number
  readonly window: number
  readonly uploads: number
}

export function useOf(torrent: Torrent, maxPeers: number, begunPieces: number): Use {
  let requests = 0
  let window = 0
  let uploads = 0
  for (const peer of torrent.peers) {
    requests = Math.max(requests, peer.ledger.requests.awaitedCount)
    window = Math.max(window, peer.window.size)
    uploads = Math.max(uploads, peer.uploadQueue.length)
  }
  const { candidates, webSeeds } = torrent
  return {
    ...{ peers: torrent.peers.size, maxPeers, webSeeds: webSeeds.size, candidates: candidates.size },
    begunPieces,
    requests,
    window,
    uploads,
  }
}

/** Which bound is exceeded, in words; undefined where none is. */
export function exceeded(use: Use): string | undefined {
  const limits: readonly [what: string, used: number, limit: number][] = [
    ['connections', use.peers, use.maxPeers],
    ['addresses', use.candidates, MAX_CANDIDATES],
    ['pieces in progress', use.begunPieces, PIECES_PER_SOURCE * (use.maxPeers + use.webSeeds)],
    ['requests to a peer', use.requests, MAX_WINDOW],
    ['blocks of a window', use.window, MAX_WINDOW],
    ['requests of a peer', use.uploads, MAX_UPLOAD_REQUESTS],
  ]
  const [over] = limits.filter(([, used, limit]) => used > limit)
  return over === undefined ? undefined : `${over[1]} ${over[0]}, of at most ${over[2]}`
}
