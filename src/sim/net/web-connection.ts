import type { WebSeed, WebSeedLink } from '../../engine/download/web-seed.js'
import type { CloseReason } from '../../engine/world.js'
import { BLOCK_LENGTH } from '../../protocol/metainfo/metainfo.js'
import type { PieceMap } from '../../protocol/metainfo/piece-map.js'
import type { EventQueue } from '../time/event-queue.js'
import { Line } from '../time/line.js'
import type { SimHost } from '../world/sim-host.js'
import type { WebServerPlan } from '../world/web-server-plan.js'
import type { Receiver } from './downlink.js'
import type { Sender, Uplink } from './uplink.js'
import type { ByteCounts } from './wire.js'

/** The server that is asked. */
interface Server {
  readonly id: number
  readonly plan: WebServerPlan
  readonly uplink: Uplink
  /** Bytes of blocks. */
  sent: number
  /** Hosts that banned it. */
  bannedBy: number
  /** Whether what it has of a piece is right. */
  hasGood(piece: number): boolean
}

interface Carrier {
  readonly map: PieceMap
  readonly queue: EventQueue
  readonly bytes: ByteCounts
}

/** A block of a response. */
interface ServedBlock {
  readonly piece: number
  readonly block: number
  /** It is not read any more when it arrives. */
  isDropped: boolean
}

/** Blocks in the sockets besides those that the latency holds. */
const SOCKET_BLOCKS = 2

/**
 * The requests of one host to a web server. Responses come one after the other; a request that finds the server with nothing to send
 * waits for its answer, one that follows on another does not.
 */
export class WebConnection implements WebSeedLink, Sender, Receiver {
  isInLine = false
  readonly #carrier: Carrier
  readonly #server: Server
  readonly #host: SimHost
  readonly #maxUnderWay: number
  /** Requested, and not sent. */
  #waiting: ServedBlock[] = []
  #sending: ServedBlock | undefined
  readonly #underWay = new Line<ServedBlock>()
  #seed: WebSeed | undefined
  #isAnswering = false
  readonly #answer = { run: () => this.#server.uplink.wake(this) }
  readonly #arrival = { run: () => this.#arrive() }

  constructor(carrier: Carrier, server: Server, host: SimHost) {
    this.#carrier = carrier
    this.#server = server
    this.#host = host
    const { uploadRate } = server.plan
    const onTheWay = (Math.min(uploadRate, host.plan.downloadRate) * this.#latencyMs) / 1_000
    this.#maxUnderWay = SOCKET_BLOCKS + Math.ceil(onTheWay / BLOCK_LENGTH)
  }

  open(seed: WebSeed): void {
    this.#seed = seed
    this.#serve()
  }

  // From the engine.

  request(piece: number, offset: number, length: number): void {
    const { map } = this.#carrier
    let at = { piece, block: offset / BLOCK_LENGTH }
    for (let left = length; left > 0; ) {
      this.#waiting.push({ ...at, isDropped: false })
      left -= map.blockLength(at.piece, at.block)
      const isLast = at.block + 1 === map.blockCount(at.piece)
      at = isLast ? { piece: at.piece + 1, block: 0 } : { piece: at.piece, block: at.block + 1 }
    }
    this.#serve()
  }

  endBefore(piece: number, offset: number): void {
    const block = offset / BLOCK_LENGTH
    const isEnd = (served: ServedBlock) =>
      !served.isDropped && served.piece === piece && served.block === block
    const stream = [
      ...this.#underWay,
      ...(this.#sending === undefined ? [] : [this.#sending]),
      ...this.#waiting,
    ]
    const end = stream.findIndex(isEnd)
    if (end < 0)
      this.#host.fail('unasked-block', `a request to a web server ends at block ${block} of piece ${piece}`)
    for (const served of stream.slice(end)) served.isDropped = true
    this.#waiting = this.#waiting.filter(({ isDropped }) => !isDropped)
  }

  close(_reason: CloseReason, _detail: string): void {
    this.#server.bannedBy++
    this.end()
  }

  /** Nothing that is under way is heard any more. */
  end(): void {
    this.#seed = undefined
    this.#waiting = []
  }

  // Blocks out.

  #serve(): void {
    if (this.#isAnswering || this.#seed === undefined || this.#waiting.length === 0) return
    this.#isAnswering = true
    const { queue } = this.#carrier
    queue.plan(queue.now + 2 * this.#latencyMs + this.#server.plan.answerMs, this.#answer)
  }

  beginBlock(): number {
    if (this.#underWay.length >= this.#maxUnderWay) return 0
    this.#sending = this.#waiting.shift()
    if (this.#sending === undefined) {
      this.#isAnswering = false
      return 0
    }
    return this.#carrier.map.blockLength(this.#sending.piece, this.#sending.block)
  }

  endBlock(): void {
    if (this.#sending === undefined) return
    const { map, queue, bytes } = this.#carrier
    const length = map.blockLength(this.#sending.piece, this.#sending.block)
    this.#server.sent += length
    bytes.sent += length
    bytes.underWay += length
    this.#underWay.push(this.#sending)
    this.#sending = undefined
    queue.plan(queue.now + this.#latencyMs, this.#arrival)
  }

  // Blocks in.

  #arrive(): void {
    this.#host.downlink.arrive(this, BLOCK_LENGTH, this.#server.uplink.msFor(BLOCK_LENGTH))
  }

  deliverBlock(): void {
    const served = this.#underWay.shift()
    if (served === undefined) return
    const { map, bytes } = this.#carrier
    const { piece, block, isDropped } = served
    const length = map.blockLength(piece, block)
    bytes.underWay -= length
    if (this.#seed === undefined || isDropped) {
      bytes.lost += length
    } else {
      bytes.received += length
      const isGood = this.#server.hasGood(piece)
      const from = this.#server
      this.#host.receive(this.#seed, {
        piece,
        offset: block * BLOCK_LENGTH,
        length,
        isGood,
        wasAsked: true,
        from,
      })
    }
    this.#server.uplink.wake(this)
  }

  get #latencyMs(): number {
    return this.#server.plan.latencyMs + this.#host.plan.latencyMs
  }
}
