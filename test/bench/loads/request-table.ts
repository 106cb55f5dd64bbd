import { SeededRandom, shuffle } from '../../../src/base/random.js'
import { BLOCK_LENGTH, type Info } from '../../../src/protocol/metainfo/metainfo.js'
import { PieceMap } from '../../../src/protocol/metainfo/piece-map.js'
import { PeerEncoder } from '../../../src/protocol/peer/encoder.js'

const REQUEST_LENGTH = 17

/** The requests of all blocks of a torrent, ready to be sent: pieces in a random order, blocks in turn. Sinks share it. */
export class RequestTable {
  readonly blockCount: number
  readonly #bytes: Uint8Array
  /** By piece, the place of its first block. */
  readonly #firstOfPiece: Uint32Array
  readonly #lengths: Uint16Array

  constructor(info: Info) {
    const map = new PieceMap(info)
    const encoder = new PeerEncoder(() => {})
    const lengths: number[] = []
    this.#firstOfPiece = new Uint32Array(map.pieceCount)
    for (const piece of shuffle([...Array(map.pieceCount).keys()], new SeededRandom(1))) {
      this.#firstOfPiece[piece] = lengths.length
      for (let block = 0; block < map.blockCount(piece); block++) {
        const length = map.blockLength(piece, block)
        encoder.request(piece, block * BLOCK_LENGTH, length)
        lengths.push(length)
      }
    }
    this.blockCount = lengths.length
    this.#lengths = Uint16Array.from(lengths)
    this.#bytes = encoder.take()
  }

  /** The requests of `count` blocks from a place on. */
  requests(place: number, count: number): Uint8Array {
    return this.#bytes.subarray(place * REQUEST_LENGTH, (place + count) * REQUEST_LENGTH)
  }

  /** Where a block stands; undefined where no such block was ever asked for. */
  placeOf(piece: number, offset: number, length: number): number | undefined {
    const place = (this.#firstOfPiece[piece] ?? Number.NaN) + offset / BLOCK_LENGTH
    return this.#lengths[place] === length ? place : undefined
  }
}
