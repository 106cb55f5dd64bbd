import { Flow } from '../../../src/client/limits/flow.js'
import { Lane, Throttle } from '../../../src/client/limits/throttle.js'

const TICK_MS = 25

/** Connections that move bytes through a throttle in virtual time: each its part whenever it may, as far as there are any. */
export class VirtualLine {
  readonly throttle: Throttle
  now = 0
  #sources: Mover[] = []
  #isSoon = false
  #tickAt: number | undefined

  constructor(bytesPerSecond: number) {
    this.throttle = new Throttle({
      now: () => this.now,
      serveSoon: () => {
        this.#isSoon = true
      },
      serveWithTick: () => {
        this.#tickAt ??= this.now + TICK_MS
      },
    })
    this.throttle.setRate(bytesPerSecond)
  }

  torrent(bytesPerSecond = Number.POSITIVE_INFINITY): Lane {
    const lane = new Lane(this.throttle)
    lane.setRate(bytesPerSecond)
    return lane
  }

  /** A peer that sends us this many bytes, in parts that the system hands out up to a size. */
  peer(lane: Lane, bytesPerSecond = Number.POSITIVE_INFINITY, part = Number.POSITIVE_INFINITY): Source {
    const source = new Source(lane, bytesPerSecond, part)
    this.#sources.push(source)
    return source
  }

  /** A peer that always waits for blocks of us. */
  leecher(lane: Lane, blockLength = 16_384): Leecher {
    const leecher = new Leecher(lane, blockLength)
    this.#sources.push(leecher)
    return leecher
  }

  /** Its connection ends. */
  end(mover: Mover): void {
    mover.flow.close()
    this.#sources = this.#sources.filter(other => other !== mover)
  }

  run(seconds: number): void {
    for (const end = this.now + seconds * 1_000; this.now < end; this.now++) {
      for (const source of this.#sources) source.onMillisecond()
      if (this.#tickAt !== undefined && this.now >= this.#tickAt) {
        this.#tickAt = undefined
        this.#serve()
      }
      // Turns of the event loop within the millisecond.
      for (let turn = 0; turn < 100; turn++) {
        for (const source of this.#sources) source.move()
        if (!this.#isSoon) break
        this.#isSoon = false
        this.#serve()
      }
    }
  }

  #serve(): void {
    this.throttle.serve(this.now - TICK_MS)
  }
}

abstract class Mover {
  moved = 0
  readonly flow: Flow

  constructor(lane: Lane) {
    this.flow = new Flow(lane, () => {})
  }

  onMillisecond(): void {}

  abstract move(): void
}

class Source extends Mover {
  readonly #perMillisecond: number
  readonly #part: number
  #arrived = 0

  constructor(lane: Lane, bytesPerSecond: number, part: number) {
    super(lane)
    this.#perMillisecond = bytesPerSecond / 1_000
    this.#part = part
  }

  override onMillisecond(): void {
    // As much as the buffers of the system hold.
    this.#arrived = Math.min(this.#arrived + this.#perMillisecond, 4 * 2 ** 20)
  }

  /** Reads as long as there is something and it may, as the system does it for a socket. */
  move(): void {
    for (let reads = 0; reads < 32 && !this.flow.isWaiting; reads++) {
      const bytes = Math.min(Math.floor(this.#arrived), this.flow.portion, this.#part, 262_144)
      if (bytes === 0) return
      this.#arrived -= bytes
      this.moved += bytes
      if (this.flow.isLimited) this.flow.spendUnasked(bytes)
    }
  }
}

class Leecher extends Mover {
  readonly #blockLength: number

  constructor(lane: Lane, blockLength: number) {
    super(lane)
    this.#blockLength = blockLength
  }

  /** One flush, as `BlockSender` does it. */
  move(): void {
    if (this.flow.allowance < this.#blockLength) {
      this.flow.wait(this.#blockLength, 100 * this.#blockLength)
      return
    }
    for (
      let room = 524_288;
      room > 0 && this.flow.allowance >= this.#blockLength;
      room -= this.#blockLength
    ) {
      this.moved += this.#blockLength
      if (this.flow.isLimited) this.flow.spend(this.#blockLength)
    }
  }
}
