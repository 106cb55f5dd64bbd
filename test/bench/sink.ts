import net from 'node:net'
import { SeededRandom, shuffle } from '../../src/base/random.js'
import { wireHashes } from '../../src/client/net/swarm.js'
import { BLOCK_LENGTH, type Metainfo } from '../../src/protocol/metainfo/metainfo.js'
import { PieceMap } from '../../src/protocol/metainfo/piece-map.js'
import { uint32 } from '../../src/protocol/peer/dispatch.js'
import { PeerEncoder } from '../../src/protocol/peer/encoder.js'
import { encodeHandshake, HANDSHAKE_LENGTH } from '../../src/protocol/peer/handshake.js'
import { MessageId } from '../../src/protocol/peer/messages.js'
import { within } from '../support/deadline.js'

/** Blocks that are asked for at a time, and how many are asked for in one go. */
const WINDOW = 512
const BATCH = WINDOW / 4

const READ_LENGTH = 2 ** 20
const HEADER_LENGTH = 5
const WITHIN_MS = 10 * 60_000
const STALLED_MS = 10_000

/** The seeder sends no more although blocks were asked for. */
export class StalledError extends Error {}

/**
 * Downloads a whole torrent from the seeder on a port of this machine and throws it away: it costs next to nothing beside
 * the seeder. Only the lengths of the blocks are looked at. Resolves with the milliseconds from the connection to the last byte.
 * @throws {StalledError} where nothing comes for ten seconds
 */
export async function drain(metainfo: Metainfo, port: number): Promise<number> {
  const sink = new Sink(metainfo)
  const start = performance.now()
  const socket = net.connect({
    host: '127.0.0.1',
    port,
    onread: {
      buffer: Buffer.allocUnsafeSlow(READ_LENGTH),
      callback: (length, bytes) => {
        sink.take(bytes.subarray(0, length))
        const requests = sink.nextRequests()
        if (requests.length > 0) socket.write(requests)
        if (sink.isDone) socket.destroy()
        return true
      },
    },
  })
  const closed = new Promise<void>((resolve, reject) => {
    socket.on('error', reject)
    socket.setTimeout(STALLED_MS, () => reject(new StalledError(`nothing came after ${sink.seen} blocks`)))
    socket.on('end', () => reject(new Error(`the seeder left after ${sink.seen} blocks`)))
    socket.on('close', () => resolve())
  })
  socket.setNoDelay(true)
  socket.write(sink.greeting)
  try {
    await within(WITHIN_MS, 'the last block', closed)
  } finally {
    socket.destroy()
  }
  return performance.now() - start
}

/** What a leecher has to say, and what it has to hear. */
class Sink {
  readonly greeting: Uint8Array
  /** Blocks of which at least the header has come. */
  seen = 0
  readonly #requests: Uint8Array
  readonly #requestLength: number
  readonly #blockCount: number
  readonly #header = new Uint8Array(HEADER_LENGTH)
  #headerLength = 0
  /** Bytes of the handshake or a message that are of no interest. */
  #skip = HANDSHAKE_LENGTH
  #asked = 0
  #bytesLeft: number
  #isUnchoked = false

  constructor(metainfo: Metainfo) {
    const encoder = new PeerEncoder(() => {})
    encoder.interested()
    const { v1, v2 } = wireHashes(metainfo)
    const handshake = encodeHandshake({
      infoHash: v1 ?? v2 ?? new Uint8Array(20),
      peerId: new TextEncoder().encode('-XX0000-sink00000000'),
      features: { fast: false, extensions: false, v2: false },
    })
    this.greeting = Buffer.concat([handshake, encoder.take()])
    const map = new PieceMap(metainfo)
    this.#bytesLeft = metainfo.size
    let count = 0
    for (const piece of shuffle([...Array(map.pieceCount).keys()], new SeededRandom(1))) {
      for (let block = 0; block < map.blockCount(piece); block++) {
        encoder.request(piece, block * BLOCK_LENGTH, map.blockLength(piece, block))
        count++
      }
    }
    this.#requests = encoder.take()
    this.#blockCount = count
    this.#requestLength = this.#requests.length / count
  }

  get isDone(): boolean {
    return this.seen === this.#blockCount && this.#skip === 0
  }

  take(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const skipped = Math.min(this.#skip, bytes.length - at)
      this.#skip -= skipped
      at += skipped
      if (at < bytes.length) this.#takeHeaderByte(bytes[at++] ?? 0)
    }
  }

  /** The requests that are due now; none while choked. */
  nextRequests(): Uint8Array {
    const left = Math.min(this.#blockCount, this.seen + WINDOW) - this.#asked
    const isDue = this.#isUnchoked && (left >= BATCH || this.#asked + left === this.#blockCount)
    const count = isDue ? left : 0
    const start = this.#asked * this.#requestLength
    this.#asked += count
    return this.#requests.subarray(start, start + count * this.#requestLength)
  }

  #takeHeaderByte(byte: number): void {
    this.#header[this.#headerLength++] = byte
    const length = uint32(this.#header, 0)
    if (this.#headerLength === 4 && length === 0) this.#headerLength = 0
    if (this.#headerLength < HEADER_LENGTH) return
    this.#headerLength = 0
    this.#skip = length - 1
    const id = this.#header[4]
    if (id === MessageId.unchoke) this.#isUnchoked = true
    if (id !== MessageId.piece) return
    this.seen++
    this.#bytesLeft -= length - 9
    if (this.seen === this.#blockCount && this.#bytesLeft !== 0) throw new Error('blocks of another length')
  }
}
