import type { Peer } from '../../engine/peer.js'
import { BLOCK_LENGTH } from '../../protocol/metainfo/metainfo.js'
import type { PeerEncoder } from '../../protocol/peer/encoder.js'
import { CHUNK_LENGTH } from '../disk/layout.js'
import type { ReadLease } from '../disk/sending/reader.js'
import type { Flow } from '../limits/flow.js'
import type { Content } from './content.js'

const BLOCKS_PER_CHUNK = CHUNK_LENGTH / BLOCK_LENGTH

/**
 * Bytes in a socket up to which more blocks are put behind them, so that it never runs dry: four seconds of the peer's rate. A choke
 * takes effect when they have left.
 */
const MIN_QUEUED_BYTES = 64 * 1024
export const MAX_QUEUED_BYTES = 2 ** 20
const QUEUED_SECONDS = 4

/** Bytes handed to the system in one write: a second of the peer's rate, so that it is seen whether it takes anything. */
const MIN_BATCH_BYTES = 32 * 1024
const MAX_BATCH_BYTES = 512 * 1024

/**
 * Runs of blocks in a socket. Each keeps a chunk of the cache in use, however short it is: blocks from many chunks would fill the
 * cache long before they fill the socket.
 */
const MAX_RUNS = 16

/** Bytes that a range, which is copied, counts for beside its own: requests of single bytes cost as much as longer ones. */
const RANGE_COST = 256

/**
 * Peers that took less than this have one run at a time. The buffers of the system hold some megabytes that nobody reads;
 * a peer that takes none of what it asked for keeps little of the cache from others.
 */
const PROVEN_BYTES = 16 * 2 ** 20

/** How far ahead of what is being sent the disk is read: in requests, and in chunks that they lie in. */
const READ_AHEAD = 64
const READ_AHEAD_BYTES = 5 * CHUNK_LENGTH

/** A slice of blocks that leaves as one, and how many requests it answers. */
type Run =
  /** Whole blocks that follow each other in a chunk of a piece: nearly all that is ever asked for. */
  | { readonly type: 'blocks'; readonly piece: number; readonly block: number; readonly count: number }
  | {
      readonly type: 'range'
      readonly piece: number
      readonly offset: number
      readonly length: number
      readonly count: 1
    }

/** The blocks that wait for one peer: reads them ahead, and hands them out as far as the socket takes them. */
export class BlockSender {
  readonly #peer: Peer
  readonly #content: Content
  readonly #encoder: PeerEncoder
  readonly #flow: Flow | undefined
  /** Runs in the socket. */
  #runs = 0

  /** @param flow what may leave; absent where nothing limits it */
  constructor(peer: Peer, content: Content, encoder: PeerEncoder, flow: Flow | undefined) {
    this.#peer = peer
    this.#content = content
    this.#encoder = encoder
    this.#flow = flow
  }

  get isWaiting(): boolean {
    return this.#peer.uploadQueue.length > 0
  }

  /**
   * Puts messages with blocks into `parts`, behind what the encoder holds already.
   * @param waitingBytes what the socket has not taken yet
   * @returns the leases on the messages, for `written`
   */
  take(parts: Uint8Array[], waitingBytes: number): ReadLease[] {
    const leases: ReadLease[] = []
    const ranges: Uint8Array[] = []
    const { torrent } = this.#content
    const maxRuns = this.#peer.sent.total - waitingBytes < PROVEN_BYTES ? 1 : MAX_RUNS
    let room = this.#allowed(this.#room(waitingBytes))
    while (room > 0 && this.#runs < maxRuns) {
      const run = this.#nextRun(room)
      const lease = run === undefined ? 'loading' : this.#lease(run)
      if (run === undefined || lease === 'loading') break
      let bytes = 0
      for (let i = 0; i < run.count; i++) {
        const request = this.#peer.uploadQueue.shift()
        if (request === undefined) break
        if (lease === 'failed') torrent.onUnreadable(this.#peer, request)
        else bytes += request.length
      }
      if (lease === 'failed') continue
      if (this.#encoder.pending > 0) parts.push(this.#encoder.take())
      if (run.type === 'range') {
        ranges.push(lease.bytes)
        room -= RANGE_COST
      } else {
        putTogether(ranges, parts)
        parts.push(lease.bytes)
        leases.push(lease)
        this.#runs++
      }
      torrent.uploader.blockSent(this.#peer, bytes)
      if (this.#flow?.isLimited) this.#flow.spend(bytes)
      room = this.#allowed(room - bytes)
    }
    putTogether(ranges, parts)
    this.#readAhead()
    return leases
  }

  /** The messages that `take` gave were written. */
  written(leases: readonly ReadLease[]): void {
    for (const lease of leases) lease.release()
    this.#runs -= leases.length
  }

  /** Bytes that may be put into the socket now. */
  #room(waitingBytes: number): number {
    const rate = Math.max(this.#peer.rateFromUs, this.#takenThisSecond(waitingBytes))
    const batch = Math.min(MAX_BATCH_BYTES, Math.max(MIN_BATCH_BYTES, rate))
    const queued = Math.min(MAX_QUEUED_BYTES, Math.max(MIN_QUEUED_BYTES, QUEUED_SECONDS * rate))
    return Math.min(batch, queued - waitingBytes)
  }

  /** Bytes that the peer certainly took since its rate was measured: on a fast line a second is long. */
  #takenThisSecond(waitingBytes: number): number {
    const { sent, sentBefore } = this.#peer
    return sent.total - sentBefore - waitingBytes - PROVEN_BYTES
  }

  /** As much of `room` as may leave. Where that is less than what was asked for first, the peer waits for its turn. */
  #allowed(room: number): number {
    const flow = this.#flow
    const first = this.#peer.uploadQueue.first
    if (flow === undefined || first === undefined || room <= 0) return room
    if (flow.allowance >= first.length) return Math.min(room, flow.allowance)
    flow.wait(first.length, this.#peer.uploadQueue.length * BLOCK_LENGTH)
    return 0
  }

  /** Of the next requests as many as leave together, up to `room` bytes; undefined where none waits. */
  #nextRun(room: number): Run | undefined {
    const { map } = this.#content.torrent
    const { first } = this.#peer.uploadQueue
    if (first === undefined) return undefined
    const { piece } = first
    const block = first.offset / BLOCK_LENGTH
    const limit = Math.min(BLOCKS_PER_CHUNK - (block % BLOCKS_PER_CHUNK), Math.ceil(room / BLOCK_LENGTH))
    let count = 0
    this.#peer.uploadQueue.visit((itsPiece, offset, length) => {
      if (count === limit || itsPiece !== piece) return true
      if (offset !== first.offset + count * BLOCK_LENGTH) return true
      if (length !== map.blockLength(piece, block + count)) return true
      count++
      return false
    })
    const isWhole = Number.isInteger(block) && count > 0
    return isWhole
      ? { type: 'blocks', piece, block, count }
      : { type: 'range', piece, offset: first.offset, length: first.length, count: 1 }
  }

  #lease(run: Run): ReadLease | 'loading' | 'failed' {
    const { storage } = this.#content
    return run.type === 'blocks'
      ? storage.leaseBlocks(run.piece, run.block, run.count)
      : storage.leaseRange(run.piece, run.offset, run.length)
  }

  #readAhead(): void {
    const { storage, torrent } = this.#content
    let piece = -1
    let chunk = -1
    let bytes = 0
    let left = READ_AHEAD
    this.#peer.uploadQueue.visit((itsPiece, offset, length) => {
      if (left-- === 0 || bytes >= READ_AHEAD_BYTES) return true
      const itsChunk = Math.floor(offset / CHUNK_LENGTH)
      if (itsPiece === piece && itsChunk === chunk) return false
      piece = itsPiece
      chunk = itsChunk
      bytes += Math.min(CHUNK_LENGTH, torrent.map.blockCount(piece) * BLOCK_LENGTH)
      storage.prefetch(piece, offset, length)
      return false
    })
  }
}

/** Moves ranges to the end of `parts`, as one: a part in the socket needs more memory than most ranges have bytes. */
function putTogether(ranges: Uint8Array[], parts: Uint8Array[]): void {
  if (ranges.length > 1) parts.push(Buffer.concat(ranges))
  else if (ranges[0] !== undefined) parts.push(ranges[0])
  ranges.length = 0
}
