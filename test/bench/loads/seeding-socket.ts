import type { Socket } from 'node:net'
import { Bitfield } from '../../../src/base/bitfield.js'
import { uint32 } from '../../../src/protocol/peer/dispatch.js'
import { PeerEncoder } from '../../../src/protocol/peer/encoder.js'
import { EXTENSION_HANDSHAKE_ID } from '../../../src/protocol/peer/extension-handshake.js'
import { decodeHandshake, encodeHandshake, HANDSHAKE_LENGTH } from '../../../src/protocol/peer/handshake.js'
import { MessageId } from '../../../src/protocol/peer/messages.js'
import { extensionHandshake } from '../../support/extension-handshake.js'

const REQUEST_LENGTH = 17

interface RequestListener {
  onRequest(piece: number, offset: number, length: number): void
  /** All requests that came in one read have been told. */
  onRead(): void
}

/** The seeder's end of a plain connection: shakes hands, says that it has everything, unchokes, and reads requests. */
export class SeedingSocket {
  readonly #socket: Socket
  readonly #pieceCount: number
  readonly #listener: RequestListener
  readonly #maxRequests: number | undefined
  #unread: Uint8Array = new Uint8Array(0)
  #isGreeted = false

  /** @param maxRequests stated as `reqq` (BEP 10); without it there is no extension handshake */
  constructor(socket: Socket, pieceCount: number, listener: RequestListener, maxRequests?: number) {
    this.#socket = socket
    this.#maxRequests = maxRequests
    this.#pieceCount = pieceCount
    this.#listener = listener
    socket.setNoDelay(true)
    socket.on('data', bytes => this.#take(bytes))
  }

  #take(bytes: Uint8Array): void {
    const all = this.#unread.length === 0 ? bytes : Buffer.concat([this.#unread, bytes])
    let at = 0
    for (let length = this.#messageLength(all, at); at + length <= all.length; ) {
      if (!this.#isGreeted) this.#greet(all.subarray(at, at + length))
      else if (length === REQUEST_LENGTH && all[at + 4] === MessageId.request)
        this.#listener.onRequest(uint32(all, at + 5), uint32(all, at + 9), uint32(all, at + 13))
      at += length
      length = this.#messageLength(all, at)
    }
    this.#unread = all.subarray(at)
    this.#listener.onRead()
  }

  #messageLength(bytes: Uint8Array, at: number): number {
    if (!this.#isGreeted) return HANDSHAKE_LENGTH
    return bytes.length - at < 4 ? 4 : 4 + uint32(bytes, at)
  }

  #greet(bytes: Uint8Array): void {
    this.#isGreeted = true
    const { infoHash } = decodeHandshake(bytes)
    const peerId = new TextEncoder().encode(`-XX0000-${String(this.#socket.localPort).padStart(12, '0')}`)
    const features = { fast: false, extensions: this.#maxRequests !== undefined, v2: false }
    const encoder = new PeerEncoder(() => {})
    if (this.#maxRequests !== undefined)
      encoder.extended(EXTENSION_HANDSHAKE_ID, extensionHandshake({ requestQueue: this.#maxRequests }))
    encoder.bitfield(Bitfield.full(this.#pieceCount).bytes)
    encoder.unchoke()
    this.#socket.write(encodeHandshake({ infoHash, peerId, features }))
    this.#socket.write(encoder.take())
  }
}
