// Floods a tracker with requests from a thread of its own, so that the thread of the honest clients stays idle.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { ONE_HOST } from './hosts.js'
import type { Victim } from './victim.js'

export interface FloodOptions {
  readonly port: number
  readonly host: string
  readonly connections: number
  /** Requests that each connection sends before it waits for an answer; 0: it sends nothing. */
  readonly pipelined: number
  /** The number of swarms that the requests go through in turn. */
  readonly swarms: number
  /** The number of ports that they name. */
  readonly ports: number
}

/** Counts of a flood so far. */
export interface FloodCounts {
  connected: number
  answers: number
  refusals: number
}

/** A closed connection is opened again after this time, so that the flood is one of requests and open connections. */
const REOPEN_MS = 2000
const REPORT_MS = 100
const WARM_ANNOUNCES = 10_000

/** A flood that goes on until the end of the scope. */
export class TrackerFlood implements AsyncDisposable {
  counts: FloodCounts = { connected: 0, answers: 0, refusals: 0 }
  readonly #worker: Worker

  private constructor(worker: Worker) {
    this.#worker = worker
    worker.on('message', (counts: FloodCounts) => {
      this.counts = counts
    })
  }

  static begin(options: FloodOptions): TrackerFlood {
    return new TrackerFlood(new Worker(new URL(import.meta.url), { workerData: options }))
  }

  /** Announces until the tracker's code and heap are as in service; its growth is counted from then on. */
  static async warmUp(victim: Victim): Promise<void> {
    const { port } = victim
    const few = { connections: 20, pipelined: 50, swarms: 10, ports: 10 }
    await using flood = TrackerFlood.begin({ port, host: ONE_HOST, ...few })
    await flood.until(({ answers }) => answers > WARM_ANNOUNCES)
    victim.countMemoryFromNow()
  }

  /** Waits until the flood has reached these counts. */
  async until(reached: (counts: FloodCounts) => boolean): Promise<void> {
    while (!reached(this.counts)) await once(this.#worker, 'message')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate()
  }
}

function flood(options: FloodOptions): void {
  const counts: FloodCounts = { connected: 0, answers: 0, refusals: 0 }
  setInterval(() => parentPort?.postMessage(counts), REPORT_MS)
  const requests = announces(options)
  for (let i = 0; i < options.connections; i++) open(options, requests, counts)
}

function open(options: FloodOptions, requests: () => string, counts: FloodCounts): void {
  const socket = connect({ port: options.port, host: '127.0.0.1', localAddress: options.host })
  let due = 0
  const ask = () => {
    due = options.pipelined
    if (due > 0) socket.write(Array.from({ length: due }, requests).join(''))
  }
  socket.on('connect', () => {
    counts.connected++
    ask()
  })
  onAnswers(socket, (answers, refusals) => {
    counts.answers += answers
    counts.refusals += refusals
    due -= answers
    if (due === 0) ask()
  })
  socket.on('error', () => socket.destroy())
  socket.on('close', () => setTimeout(() => open(options, requests, counts), REOPEN_MS))
}

/** Enough of HTTP to count answers: each has a status line, and none of these words occur elsewhere. */
function onAnswers(socket: Socket, heard: (answers: number, refusals: number) => void): void {
  let tail = ''
  socket.on('data', chunk => {
    const text = tail + chunk.toString('latin1')
    // An end that may be the beginning of a word waits for the next bytes.
    const cut = Math.max(0, text.length - 8)
    tail = text.endsWith('e') ? '' : text.slice(cut)
    const complete = tail === '' ? text : text.slice(0, cut)
    heard(occurrences(complete, 'HTTP/1.1'), occurrences(complete, 'failure '))
  })
}

function occurrences(text: string, word: string): number {
  return text.split(word).length - 1
}

/** Announces of different swarms and ports, over and over. */
function announces({ swarms, ports }: FloodOptions): () => string {
  let sent = 0
  return () => {
    const number = sent++
    const infoHash = `flood${String(number % swarms).padStart(15, '0')}`
    const port = 1024 + (number % ports)
    const peerId = `-XX0000-${String(port).padStart(12, '0')}`
    return `GET /announce?info_hash=${infoHash}&peer_id=${peerId}&port=${port}&left=1 HTTP/1.1\r\nHost: h\r\n\r\n`
  }
}

if (!isMainThread) flood(workerData as FloodOptions)
