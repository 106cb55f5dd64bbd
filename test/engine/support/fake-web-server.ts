import { Bitfield } from '../../../src/base/bitfield.js'
import type { WebSeed, WebSeedLink } from '../../../src/engine/download/web-seed.js'
import { BLOCK_LENGTH } from '../../../src/protocol/metainfo/metainfo.js'
import type { Node } from './joined-engines.js'

/** A web server that answers when a test says so. */
export class FakeWebServer implements WebSeedLink {
  readonly seed: WebSeed
  /** All requests: piece, block, and number of blocks. */
  readonly ranges: [piece: number, block: number, blocks: number][] = []
  /** Places before which what was requested was made to end: piece and block. */
  readonly ends: [piece: number, block: number][] = []
  closed: string | undefined
  /** Requested and not sent. */
  #waiting: [piece: number, block: number][] = []
  readonly #node: Node

  constructor(node: Node) {
    this.#node = node
    const pieces = Bitfield.full(node.torrent.map.pieceCount)
    this.seed = node.torrent.webSeeds.add({ url: 'http://web.example/', pieces, link: this })
  }

  get waiting(): number {
    return this.#waiting.length
  }

  request(piece: number, offset: number, length: number): void {
    const { map } = this.#node.torrent
    const blocks = Math.ceil(length / BLOCK_LENGTH)
    this.ranges.push([piece, offset / BLOCK_LENGTH, blocks])
    let at: [number, number] = [piece, offset / BLOCK_LENGTH]
    for (let i = 0; i < blocks; i++) {
      this.#waiting.push(at)
      at = at[1] + 1 === map.blockCount(at[0]) ? [at[0] + 1, 0] : [at[0], at[1] + 1]
    }
  }

  endBefore(piece: number, offset: number): void {
    const block = offset / BLOCK_LENGTH
    const end = this.#waiting.findIndex(([p, b]) => p === piece && b === block)
    if (end < 0) throw new Error(`nothing was requested of block ${block} of piece ${piece}`)
    this.ends.push([piece, block])
    this.#waiting = this.#waiting.slice(0, end)
  }

  close(reason: string): void {
    this.closed = reason
    this.#waiting = []
  }

  /** Sends the next blocks, as many as were requested or fewer. */
  send(count: number, isGood = true): void {
    for (let i = 0; i < count; i++) {
      const next = this.#waiting.shift()
      if (next === undefined) break
      const [piece, block] = next
      this.#node.receive(this.seed, piece, block * BLOCK_LENGTH, BLOCK_LENGTH, isGood)
    }
    if (this.closed === undefined) this.#node.torrent.downloader.endTurn(this.seed)
  }
}
