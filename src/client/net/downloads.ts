import type { Peer } from '../../engine/peer.js'
import { SKIP, WAIT } from '../../protocol/peer/decoder.js'
import { NO_ROOM, NOT_NEEDED } from '../disk/receiving/intake.js'
import type { Content } from './content.js'

/** A block on its way from a peer to its place. */
export interface BlockPlace {
  readonly piece: number
  /** Bytes within the piece. */
  readonly offset: number
}

/** A block on its way, with what it belongs to. */
export interface ArrivingBlock extends BlockPlace {
  readonly peer: Peer
  readonly content: Content
}

export interface DownloadsHost {
  /** There is no memory for a block: its connection is to be resumed when there is some. */
  waitForRoom(): void
  /** Another connection may be in the middle of this block: true where it left it to this one. */
  takeOver(block: ArrivingBlock): boolean
}

/** The blocks that arrive from one peer: asks the engine whether they are wanted, and the storage where they go. */
export class Downloads {
  readonly #peer: Peer
  readonly #content: Content
  readonly #host: DownloadsHost

  constructor(peer: Peer, content: Content, host: DownloadsHost) {
    this.#peer = peer
    this.#content = content
    this.#host = host
  }

  /** A block begins: as `BlockSink.beginBlock`. */
  begin(piece: number, offset: number, length: number): number {
    const { downloader } = this.#content.torrent
    switch (downloader.expectsBlock(this.#peer, piece, offset, length)) {
      case 'unasked':
        this.#peer.drop('unasked-block', `block at ${offset} of piece ${piece}`)
        return SKIP
      case 'late':
        downloader.blockSkipped(this.#peer, piece, offset, length)
        return SKIP
      case 'wanted':
        return this.#place(piece, offset, length)
    }
  }

  /** All its bytes are in their place. The engine may have begun the piece anew meanwhile, and then they are of no use. */
  end(piece: number, offset: number, length: number): void {
    const { storage, torrent } = this.#content
    if (torrent.downloader.blockReceived(this.#peer, piece, offset, length)) storage.placed(piece, offset)
    else storage.abandon(piece, offset)
  }

  /** Leaves a block that is arriving to others. */
  giveUp({ piece, offset }: BlockPlace): void {
    this.#content.storage.abandon(piece, offset)
    this.#content.torrent.downloader.blockGivenUp(this.#peer, piece, offset)
  }

  #place(piece: number, offset: number, length: number): number {
    const { storage, torrent } = this.#content
    let at = storage.place(piece, offset, length)
    if (at === NOT_NEEDED && this.#host.takeOver({ piece, offset, peer: this.#peer, content: this.#content }))
      at = storage.place(piece, offset, length)
    if (at === NO_ROOM) {
      this.#host.waitForRoom()
      return WAIT
    }
    if (at !== NOT_NEEDED) return at
    torrent.downloader.blockSkipped(this.#peer, piece, offset, length)
    return SKIP
  }
}
