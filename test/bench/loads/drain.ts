import net from 'node:net'
import { wireHashes } from '../../../src/client/net/swarm.js'
import type { Info } from '../../../src/protocol/metainfo/metainfo.js'
import { RunError } from '../measuring/run-error.js'
import { RequestTable } from './request-table.js'
import { Sink } from './sink.js'

const READ_LENGTH = 2 ** 20
/** Longer than the 15 s after which libtorrent chooses again which peers to unchoke. */
const STALLED_MS = 20_000

/**
 * Leechers that discard everything download from the seeder on a port of this machine until this many bytes have come to
 * all of them together; a single one gets each block once. Resolves with the milliseconds from the moment when all are
 * connected to the last byte.
 * @throws {RunError} `stalled` where nothing comes for twenty seconds, or the seeder leaves
 */
export async function drain(info: Info, port: number, peers = 1, bytes = info.size): Promise<number> {
  const swarm = new Drain(info, port, peers, bytes)
  try {
    return await swarm.done
  } finally {
    swarm.close()
  }
}

class Drain {
  readonly done: Promise<number>
  readonly #sinks: { readonly sink: Sink; readonly socket: net.Socket }[] = []
  readonly #timer: NodeJS.Timeout
  readonly #wanted: number
  #bytes = 0
  #bytesBefore = -1
  #greeted = 0
  #startedAt = 0
  #resolve: (ms: number) => void = () => {}
  #reject: (error: Error) => void = () => {}

  constructor(info: Info, port: number, peers: number, bytes: number) {
    this.#wanted = bytes
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    const table = new RequestTable(info)
    const { v1, v2 } = wireHashes(info)
    const infoHash = v1 ?? v2 ?? new Uint8Array(20)
    // All connections are read on one thread: they can share what they read into.
    const buffer = Buffer.allocUnsafeSlow(READ_LENGTH)
    for (let i = 0; i < peers; i++) {
      const start = Math.floor((table.blockCount * i) / peers)
      this.#connect(port, new Sink(table, infoHash, `${i}`, start), buffer)
    }
    this.#timer = setInterval(() => this.#watch(), STALLED_MS)
  }

  close(): void {
    clearInterval(this.#timer)
    for (const { socket } of this.#sinks) socket.destroy()
  }

  #connect(port: number, sink: Sink, buffer: Buffer): void {
    const socket = net.connect({
      host: '127.0.0.1',
      port,
      onread: {
        buffer,
        callback: length => {
          this.#take(sink, socket, buffer.subarray(0, length))
          return true
        },
      },
    })
    const left = () => this.#reject(new RunError('stalled', `the seeder left after ${sink.blocks} blocks`))
    socket.on('error', left).on('end', left)
    socket.setNoDelay(true)
    socket.write(sink.handshake)
    this.#sinks.push({ sink, socket })
  }

  #take(sink: Sink, socket: net.Socket, bytes: Uint8Array): void {
    const { isGreeted, bytes: before } = sink
    sink.take(bytes)
    if (!isGreeted && sink.isGreeted && ++this.#greeted === this.#sinks.length) this.#start()
    this.#bytes += sink.bytes - before
    if (this.#bytes >= this.#wanted) {
      this.#resolve(performance.now() - this.#startedAt)
      this.close()
      return
    }
    for (let due = sink.nextRequests(); due.length > 0; due = sink.nextRequests()) socket.write(due)
  }

  #start(): void {
    this.#startedAt = performance.now()
    for (const { sink, socket } of this.#sinks) socket.write(sink.interested)
  }

  #watch(): void {
    if (this.#bytes === this.#bytesBefore) {
      const unchoked = this.#sinks.filter(({ sink }) => sink.isUnchoked).length
      const story = `${this.#greeted} connected, ${unchoked} unchoked, ${this.#bytes} bytes`
      this.#reject(new RunError('stalled', `nothing came for ${STALLED_MS / 1000} s: ${story}`))
    }
    this.#bytesBefore = this.#bytes
  }
}
