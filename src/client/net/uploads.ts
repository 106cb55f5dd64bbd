import type { Peer } from '../../engine/peer.js'
import type { PeerEncoder } from '../../protocol/peer/encoder.js'
import type { ReadLease } from '../disk/reader.js'
import type { Swarm } from './swarm.js'

/** Bytes in a socket up to which more blocks are put behind them, so that it never runs dry. */
const MAX_QUEUED_BYTES = 2 ** 20

/** Bytes handed to the system in one write. */
const BATCH_BYTES = 512 * 1024

/** How far ahead of what is being sent the disk is read, in requests. */
const READ_AHEAD = [16, 32, 48, 64]

/** The blocks that wait for one peer: reads them ahead, and hands them out as far as the socket takes them. */
export class Uploads {
  readonly #peer: Peer
  readonly #swarm: Swarm
  readonly #encoder: PeerEncoder

  constructor(peer: Peer, swarm: Swarm, encoder: PeerEncoder) {
    this.#peer = peer
    this.#swarm = swarm
    this.#encoder = encoder
  }

  get isWaiting(): boolean {
    return this.#peer.uploads.length > 0
  }

  /**
   * Puts headers and blocks into `parts`, behind what the encoder holds already.
   * @param waitingBytes what the socket has not taken yet
   * @returns the leases on the blocks, to be released when they were written
   */
  take(parts: Uint8Array[], waitingBytes: number): ReadLease[] {
    const leases: ReadLease[] = []
    const { uploads } = this.#peer
    let room = Math.min(BATCH_BYTES, MAX_QUEUED_BYTES - waitingBytes)
    while (room > 0) {
      const request = uploads.peek()
      if (request === undefined) break
      const { piece, offset, length } = request
      const lease = this.#swarm.storage.lease(piece, offset, length)
      if (lease === 'loading') break
      uploads.shift()
      if (lease === 'failed') {
        this.#swarm.torrent.uploader.onUnreadable(this.#peer, request)
        continue
      }
      this.#encoder.blockHeader(piece, offset, length)
      parts.push(this.#encoder.take(), lease.bytes)
      leases.push(lease)
      room -= length
      this.#swarm.torrent.uploader.blockSent(this.#peer, length)
    }
    this.#readAhead()
    return leases
  }

  #readAhead(): void {
    for (const distance of READ_AHEAD) {
      const request = this.#peer.uploads.peek(distance)
      if (request === undefined) return
      this.#swarm.storage.prefetch(request.piece, request.offset, request.length)
    }
  }
}
