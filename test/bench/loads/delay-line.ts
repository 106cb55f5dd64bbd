// A line with latency, in user space: `delay-line.js PORT MS` prints a port of its own, and a client that connects there talks
// to PORT of this machine with MS milliseconds each way. The line has no limit of rate, and needs no privileges.
import { connect, createServer, type Socket } from 'node:net'
import { listen } from '../../support/ports.js'

/** Bytes from the server that are on their way, in a ring that is allocated before anything is measured. */
const RING_LENGTH = 192 * 2 ** 20
const READ_LENGTH = 2 ** 20
/** Bytes of one direction that are on their way before their sender has to wait. */
const MAX_HELD = RING_LENGTH / 2

interface Held {
  readonly bytes: Uint8Array
  readonly dueAt: number
}

/** One direction: all that comes leaves again after the latency. */
class Direction {
  readonly #from: Socket
  readonly #to: Socket
  #held: Held[] = []
  #heldBytes = 0
  #timer: NodeJS.Timeout | undefined
  #hasEnded = false

  constructor(from: Socket, to: Socket) {
    this.#from = from
    this.#to = to
    from.on('error', () => from.destroy())
    from.on('close', () => {
      this.#hasEnded = true
      this.#send()
    })
  }

  /** @param bytes stay as they are until they have left */
  take(bytes: Uint8Array): void {
    this.#held.push({ bytes, dueAt: performance.now() + latencyMs })
    this.#heldBytes += bytes.length
    if (this.#heldBytes > MAX_HELD) this.#from.pause()
    this.#timer ??= setTimeout(() => this.#send(), latencyMs)
  }

  #send(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const now = performance.now()
    const waiting = this.#held.findIndex(({ dueAt }) => dueAt > now)
    const due = waiting < 0 ? this.#held : this.#held.slice(0, waiting)
    this.#held = waiting < 0 ? [] : this.#held.slice(waiting)
    this.#to.cork()
    for (const { bytes } of due) this.#to.write(bytes, () => this.#onSent(bytes.length))
    this.#to.uncork()
    const [next] = this.#held
    if (next !== undefined) this.#timer = setTimeout(() => this.#send(), Math.ceil(next.dueAt - now))
    else if (this.#hasEnded) this.#to.destroySoon()
  }

  #onSent(bytes: number): void {
    this.#heldBytes -= bytes
    if (this.#heldBytes <= MAX_HELD && this.#from.isPaused()) this.#from.resume()
  }
}

const [port = '', ms = ''] = process.argv.slice(2)
const latencyMs = Number(ms)
const ring = Buffer.alloc(RING_LENGTH, 1)
let ringAt = 0

const server = createServer({ noDelay: true }, client => {
  const upstream = connect({
    host: '127.0.0.1',
    port: Number(port),
    noDelay: true,
    onread: {
      buffer: () => ring.subarray(ringAt, ringAt + READ_LENGTH),
      callback(length) {
        down.take(ring.subarray(ringAt, ringAt + length))
        ringAt += length
        if (ringAt + READ_LENGTH > RING_LENGTH) ringAt = 0
        return true
      },
    },
  })
  const down = new Direction(upstream, client)
  const up = new Direction(client, upstream)
  client.on('data', bytes => up.take(bytes))
})
console.log(await listen(server))
process.on('SIGINT', () => process.exit(0))
