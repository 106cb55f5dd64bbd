import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { EventLog } from './event-log.js'

/** An announce as the tracker got it. */
export interface HeardAnnounce {
  readonly family: 'IPv4' | 'IPv6'
  /** The UDP port that it came from. */
  readonly from: number
  readonly infoHash: string
  readonly event: 'none' | 'completed' | 'started' | 'stopped'
  readonly port: number
  readonly left: bigint
  readonly key: number
  /** Path and query of the URL (BEP 41). */
  readonly urlData: string
}

interface Swarm {
  /** By compact address in hexadecimal digits. */
  readonly peers: Map<string, { readonly address: Buffer; readonly left: bigint }>
  downloads: number
}

const EVENTS = ['none', 'completed', 'started', 'stopped'] as const
const ANNOUNCE_LENGTH = 98
const URL_DATA = 2

/** A UDP tracker (BEP 15, 41) in the process of the test: it serves every torrent, and remembers what it hears. */
export class UdpTracker implements AsyncDisposable {
  readonly heard = new EventLog<HeardAnnounce>()
  readonly port: number
  readonly #socket: Socket
  /** By info hash and family. */
  readonly #swarms = new Map<string, Swarm>()
  #lastConnection = 0n
  readonly #connections = new Map<bigint, string>()

  private constructor(socket: Socket) {
    this.#socket = socket
    this.port = socket.address().port
    socket.on('message', (datagram, from) => this.#received(datagram, from))
  }

  static async start(host = '127.0.0.1'): Promise<UdpTracker> {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
    socket.bind(0, host)
    await once(socket, 'listening')
    return new UdpTracker(socket)
  }

  /** `family event left` of each announce so far. */
  get events(): string[] {
    return this.heard.all.map(({ family, event, left }) => `${family} ${event} ${left}`)
  }

  /** As if it had started anew. */
  forgetConnections(): void {
    this.#connections.clear()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#socket, 'close')
    this.#socket.close()
    await closed
  }

  #received(datagram: Buffer, from: RemoteInfo): void {
    const action = datagram.readUInt32BE(8)
    const header = Buffer.alloc(8)
    header.writeUInt32BE(action)
    datagram.copy(header, 4, 12, 16)
    const answer = this.#answer(action, datagram, from)
    if (answer === undefined) {
      header.writeUInt32BE(3)
      this.#send([header, Buffer.from('connection unknown')], from)
    } else {
      this.#send([header, ...answer], from)
    }
  }

  #answer(action: number, datagram: Buffer, from: RemoteInfo): Buffer[] | undefined {
    const sender = `${from.address} ${from.port}`
    if (action === 0) {
      const id = Buffer.alloc(8)
      id.writeBigUInt64BE(++this.#lastConnection)
      this.#connections.set(this.#lastConnection, sender)
      return [id]
    }
    if (this.#connections.get(datagram.readBigUInt64BE(0)) !== sender) return undefined
    if (action === 1) return this.#announce(datagram, from)
    const counts: Buffer[] = []
    for (let at = 16; at < datagram.length; at += 20) {
      const { peers, downloads } = this.#swarm(datagram.toString('hex', at, at + 20), from)
      const seeders = [...peers.values()].filter(({ left }) => left === 0n).length
      counts.push(numbers(seeders, downloads, peers.size - seeders))
    }
    return counts
  }

  #announce(datagram: Buffer, from: RemoteInfo): Buffer[] {
    const infoHash = datagram.toString('hex', 16, 36)
    const event = EVENTS[datagram.readUInt32BE(80)] ?? 'none'
    const port = datagram.readUInt16BE(96)
    const left = datagram.readBigUInt64BE(64)
    const swarm = this.#swarm(infoHash, from)
    const address = compact(from, port)
    const own = address.toString('hex')
    const others = [...swarm.peers].filter(([key]) => key !== own).map(([, peer]) => peer.address)
    if (event === 'completed') swarm.downloads++
    if (event === 'stopped') swarm.peers.delete(own)
    else swarm.peers.set(own, { address, left })
    this.heard.push({
      family: from.family,
      from: from.port,
      infoHash,
      event,
      port,
      left,
      key: datagram.readUInt32BE(88),
      urlData: urlDataOf(datagram.subarray(ANNOUNCE_LENGTH)),
    })
    return [numbers(1800, 0, swarm.peers.size), ...others]
  }

  #swarm(infoHash: string, { family }: RemoteInfo): Swarm {
    const key = `${infoHash} ${family}`
    const swarm = this.#swarms.get(key) ?? { peers: new Map(), downloads: 0 }
    this.#swarms.set(key, swarm)
    return swarm
  }

  #send(parts: readonly Buffer[], to: RemoteInfo): void {
    this.#socket.send(parts, to.port, to.address)
  }
}

function compact({ address, family }: RemoteInfo, port: number): Buffer {
  // Of IPv6 only `::1` comes here.
  const host = family === 'IPv4' ? Buffer.from(address.split('.').map(Number)) : Buffer.alloc(16)
  if (family === 'IPv6') host[15] = 1
  const bytes = Buffer.alloc(host.length + 2)
  host.copy(bytes)
  bytes.writeUInt16BE(port, host.length)
  return bytes
}

function urlDataOf(options: Buffer): string {
  let text = ''
  for (let at = 0; at < options.length; at += 2 + (options[at + 1] ?? 0)) {
    if (options[at] === URL_DATA) text += options.toString('latin1', at + 2, at + 2 + (options[at + 1] ?? 0))
  }
  return text
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4)
  return bytes
}
