import type { TrackerLine } from '../../../src/discovery/udp/transactions.js'
import { UdpTrackers, type UdpTrackersOptions } from '../../../src/discovery/udp/udp-trackers.js'
import { type AddressFamily, formatAddress, type PeerAddress } from '../../../src/protocol/peer-address.js'
import { VirtualClock } from '../virtual-clock.js'

/** A datagram that left, taken apart. */
export interface Sent {
  readonly atMs: number
  readonly to: string
  readonly action: number
  readonly transactionId: number
  /** 16 hexadecimal digits. */
  readonly connectionId: string
  readonly datagram: Buffer
}

type Behaviour = (sent: Sent) => readonly Uint8Array[]

/** The UDP trackers of a session in virtual time, and trackers that exist in a test only. */
export class MemoryLine {
  readonly clock = new VirtualClock()
  readonly sent: Sent[] = []
  readonly trackers: UdpTrackers
  /** By address; one that is not here is silent. */
  readonly behaviours = new Map<string, Behaviour>()
  /** What the resolver is asked for. */
  readonly lookedUp: string[] = []
  readonly names = new Map<string, readonly string[]>()
  families: readonly AddressFamily[] = ['ipv4', 'ipv6']
  /** Set: there is no port. */
  unavailable: string | undefined
  /** Set: the system refuses each datagram. */
  failure: Error | undefined
  #receive: (datagram: Uint8Array, from: PeerAddress) => void = () => {}
  #lastId = 0

  constructor(options: UdpTrackersOptions = {}) {
    const line: TrackerLine = {
      open: async () =>
        this.unavailable === undefined
          ? { type: 'open', families: this.families }
          : { type: 'unavailable', reason: this.unavailable },
      send: (datagram, to, onFailed) => {
        this.#send(Buffer.from(datagram), to, onFailed)
        return 'sent'
      },
    }
    this.trackers = new UdpTrackers(
      received => {
        this.#receive = received
        return line
      },
      {
        clock: this.clock,
        newId: () => ++this.#lastId,
        lookUp: async name => {
          this.lookedUp.push(name)
          const found = this.names.get(name)
          if (found === undefined) throw Object.assign(new Error('not found'), { code: 'ENOTFOUND' })
          return found
        },
        ...options,
      },
    )
  }

  /** `seconds action` of every datagram to an address so far. */
  timesTo(address: string): string[] {
    return this.sent
      .filter(({ to }) => to === address)
      .map(({ atMs, action }) => `${Math.round(atMs / 1000)} ${NAMES[action]}`)
  }

  receive(datagram: Uint8Array, from: string): void {
    const colon = from.lastIndexOf(':')
    const host = from.slice(0, colon).replace(/^\[|\]$/g, '')
    this.#receive(datagram, { host, port: Number(from.slice(colon + 1)) })
  }

  #send(datagram: Buffer, to: PeerAddress, onFailed: (error: Error) => void): void {
    const sent: Sent = {
      atMs: this.clock.now(),
      to: formatAddress(to),
      connectionId: datagram.toString('hex', 0, 8),
      action: datagram.readUInt32BE(8),
      transactionId: datagram.readUInt32BE(12),
      datagram,
    }
    this.sent.push(sent)
    const { failure } = this
    if (failure !== undefined) queueMicrotask(() => onFailed(failure))
    for (const answer of this.behaviours.get(sent.to)?.(sent) ?? []) {
      queueMicrotask(() => this.#receive(answer, to))
    }
  }
}

const NAMES = ['connect', 'announce', 'scrape']

/** The answer of a tracker to a request, from its body on. */
export function answerTo(
  { action, transactionId }: Pick<Sent, 'action' | 'transactionId'>,
  body: Uint8Array = new Uint8Array(0),
): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt32BE(action, 0)
  header.writeUInt32BE(transactionId, 4)
  return Buffer.concat([header, body])
}

export function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) bytes.writeInt32BE(value, index * 4)
  return bytes
}

export function refusalOf(sent: Sent, reason: string): Buffer {
  return answerTo({ ...sent, action: 3 }, Buffer.from(reason))
}

/** A tracker that works, and gives one peer more with each announce. */
export function works(peerHost = '192.0.2.'): Behaviour {
  let connections = 0
  let peers = 0
  return sent => {
    switch (sent.action) {
      case 0:
        return [answerTo(sent, numbers(0x51, ++connections))]
      case 1: {
        const all = Array.from({ length: ++peers }, (_, peer) => peer + 1)
        const listed = all.flatMap(last => [...peerHost.split('.').slice(0, 3).map(Number), last, 0x1a, 0xe1])
        return [answerTo(sent, Buffer.concat([numbers(1800, 2, 3), Buffer.from(listed)]))]
      }
      default:
        return [answerTo(sent, numbers(5, 6, 7))]
    }
  }
}
