import { Bitfield } from '../../../../src/base/bitfield.js'
import { ArrivingBlocks } from '../../../../src/client/net/receiving/arriving-blocks.js'
import type { ArrivingBlock, Receiver } from '../../../../src/client/net/receiving/receivers.js'
import type { WebSeed, WebSeedLink } from '../../../../src/engine/download/web-seed.js'
import { BLOCK_LENGTH } from '../../../../src/protocol/metainfo/metainfo.js'
import { SKIP, WAIT } from '../../../../src/protocol/peer/decoder.js'
import type { LoneDownload } from './lone-download.js'

interface RequestedBlock {
  readonly piece: number
  readonly offset: number
}

/** A source that is no peer: it answers the engine's requests from `content`, in order. */
export class ScriptedSource implements WebSeedLink, Receiver {
  readonly seed: WebSeed
  heardAt = performance.now()
  /** How often it had to wait for memory. */
  waits = 0
  closed: string | undefined
  /** Of a block that begins only half of the bytes come. */
  isStuck = false
  readonly #download: LoneDownload
  readonly #content: Uint8Array
  readonly #blocks: ArrivingBlocks
  #waiting: RequestedBlock[] = []
  #open: RequestedBlock | undefined

  constructor(download: LoneDownload, content: Uint8Array, url = 'http://web.example/') {
    this.#download = download
    this.#content = content
    const { torrent, receivers } = download
    receivers.add(this)
    const pieces = Bitfield.full(torrent.map.pieceCount)
    // What it requests at once is sent once it may.
    this.seed = torrent.webSeeds.add({ url, pieces, link: this })
    this.#blocks = new ArrivingBlocks(this.seed, download, { receiver: this, receivers })
  }

  get arriving(): ArrivingBlock | undefined {
    return this.#open && this.#blocks.arriving(this.#open)
  }

  request(piece: number, offset: number, length: number): void {
    const { map } = this.#download.torrent
    let at = { piece, offset }
    for (let left = length; left > 0; ) {
      this.#waiting.push(at)
      left -= map.blockLength(at.piece, at.offset / BLOCK_LENGTH)
      const next = at.offset + BLOCK_LENGTH
      at =
        next < map.pieceSize(at.piece)
          ? { piece: at.piece, offset: next }
          : { piece: at.piece + 1, offset: 0 }
    }
    setImmediate(() => this.send())
  }

  endBefore(piece: number, offset: number): void {
    const end = this.#waiting.findIndex(at => at.piece === piece && at.offset === offset)
    if (end >= 0) this.#waiting = this.#waiting.slice(0, end)
  }

  close(reason: string): void {
    this.closed = reason
    this.#waiting = []
    this.#download.receivers.delete(this)
  }

  giveUpBlock(): void {
    if (this.#open !== undefined) this.#blocks.giveUp(this.#open)
    this.#open = undefined
  }

  resume(): void {
    this.send()
  }

  /** Sends what was requested, until a block has to wait for memory. */
  send(): void {
    for (let block = this.#waiting[0]; block !== undefined; block = this.#waiting[0]) {
      if (this.#open !== undefined || this.#sendBlock(block) === 'waits') return
      this.#download.torrent.downloader.endTurn(this.seed)
    }
  }

  /** Sends a block whether it was requested or not. */
  #sendBlock({ piece, offset }: RequestedBlock): 'sent' | 'waits' {
    const { pool, torrent } = this.#download
    const { map } = torrent
    const length = map.blockLength(piece, offset / BLOCK_LENGTH)
    const at = this.#blocks.begin(piece, offset, length)
    if (at === WAIT) {
      this.waits++
      return 'waits'
    }
    this.#waiting.shift()
    if (at === SKIP) return 'sent'
    const start = piece * map.pieceLength + offset
    pool.receiveMemory.set(this.#content.subarray(start, start + length), at)
    this.heardAt = performance.now()
    if (this.isStuck) this.#open = { piece, offset }
    else this.#blocks.end(piece, offset, length)
    return 'sent'
  }

  /** A block that nothing asked for. */
  sendUnasked(piece: number): void {
    this.#sendBlock({ piece, offset: 0 })
  }
}
