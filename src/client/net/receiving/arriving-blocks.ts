import type { BlockSource } from '../../../engine/download/source.js'
import { SKIP, WAIT } from '../../../protocol/peer/decoder.js'
import { NO_ROOM, NOT_NEEDED } from '../../disk/receiving/intake.js'
import type { Content } from '../content.js'
import type { ArrivingBlock, BlockPlace, Receiver, Receivers } from './receivers.js'

/** The receiver of a source's blocks, among all others. */
export interface ReceivingLine {
  readonly receiver: Receiver
  readonly receivers: Receivers
}

/** The blocks that arrive from one source: asks the engine whether they are wanted, and the storage where they go. */
export class ArrivingBlocks {
  readonly #source: BlockSource
  readonly #content: Content
  readonly #line: ReceivingLine

  constructor(source: BlockSource, content: Content, line: ReceivingLine) {
    this.#source = source
    this.#content = content
    this.#line = line
  }

  /** A block begins: as `BlockSink.beginBlock`. */
  begin(piece: number, offset: number, length: number): number {
    const { downloader } = this.#content.torrent
    switch (downloader.expectsBlock(this.#source, piece, offset, length)) {
      case 'unasked':
        this.#source.drop('unasked-block', `block at ${offset} of piece ${piece}`)
        return SKIP
      case 'late':
        downloader.blockSkipped(this.#source, piece, offset, length)
        return SKIP
      case 'wanted':
        return this.#place(piece, offset, length)
    }
  }

  /** All its bytes are in their place. The engine may have begun the piece anew meanwhile, and then they are of no use. */
  end(piece: number, offset: number, length: number): void {
    const { storage, torrent } = this.#content
    if (torrent.downloader.blockReceived(this.#source, piece, offset, length)) storage.placed(piece, offset)
    else storage.abandon(piece, offset)
  }

  /** Leaves a block that is arriving to others. */
  giveUp({ piece, offset }: BlockPlace): void {
    this.#content.storage.abandon(piece, offset)
    this.#content.torrent.downloader.blockGivenUp(this.#source, piece, offset)
  }

  /** A block that is arriving, with what it belongs to. */
  arriving({ piece, offset }: BlockPlace): ArrivingBlock {
    return { piece, offset, source: this.#source, content: this.#content }
  }

  #place(piece: number, offset: number, length: number): number {
    const { storage, torrent } = this.#content
    const { receiver, receivers } = this.#line
    let at = storage.place(piece, offset, length)
    if (at === NOT_NEEDED && receivers.takeOver(this.arriving({ piece, offset })))
      at = storage.place(piece, offset, length)
    if (at === NO_ROOM) {
      receivers.waitForRoom(receiver)
      return WAIT
    }
    if (at !== NOT_NEEDED) return at
    torrent.downloader.blockSkipped(this.#source, piece, offset, length)
    return SKIP
  }
}
