import { Bitfield } from '../../base/bitfield.js'
import { Uplink } from '../net/uplink.js'
import { WebConnection } from '../net/web-connection.js'
import type { ByteCounts } from '../net/wire.js'
import type { EventQueue } from '../time/event-queue.js'
import type { Content } from './content.js'
import { Disk, FAST_DISK } from './disk.js'
import type { SimHost } from './sim-host.js'
import type { WebServerPlan } from './web-server-plan.js'

interface Surroundings {
  readonly content: Content
  readonly queue: EventQueue
  readonly bytes: ByteCounts
}

export class WebServer {
  readonly id: number
  readonly plan: WebServerPlan
  readonly uplink: Uplink
  /** Bytes of blocks. */
  sent = 0
  /** Hosts that banned it. */
  bannedBy = 0
  readonly #around: Surroundings
  readonly #connections = new Map<SimHost, () => void>()

  constructor(id: number, plan: WebServerPlan, around: Surroundings) {
    this.id = id
    this.plan = plan
    this.#around = around
    this.uplink = new Uplink(plan.uploadRate, around.queue, new Disk(FAST_DISK, around.queue))
  }

  /** Whether what it has of a piece is right. */
  hasGood(piece: number): boolean {
    return this.plan.badEvery === undefined || piece % this.plan.badEvery !== 0
  }

  /** Pieces that can be had from it. */
  get goodPieces(): Bitfield {
    const { pieceCount } = this.#around.content.map
    const pieces = new Bitfield(pieceCount)
    for (let piece = 0; piece < pieceCount; piece++) if (this.hasGood(piece)) pieces.add(piece)
    return pieces
  }

  /** A host downloads from it from now on. */
  connect(host: SimHost): void {
    const { content, queue, bytes } = this.#around
    const { map } = content
    const link = new WebConnection({ map, queue, bytes }, this, host)
    const url = `http://web${this.id}.example/content`
    const seed = host.torrent.webSeeds.add({ url, pieces: Bitfield.full(map.pieceCount), link })
    link.open(seed)
    this.#connections.set(host, () => {
      link.end()
      host.torrent.webSeeds.remove(seed)
    })
  }

  /** A host leaves the swarm. */
  disconnect(host: SimHost): void {
    this.#connections.get(host)?.()
    this.#connections.delete(host)
  }
}
