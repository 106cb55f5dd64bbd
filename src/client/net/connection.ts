import { equalBytes } from '../../base/bytes.js'
import { debugLog } from '../../base/log.js'
import type { Peer } from '../../engine/peer.js'
import { type DecoderOwner, PeerDecoder, SKIP, WireError } from '../../protocol/peer/decoder.js'
import { encodeHandshake, type Handshake } from '../../protocol/peer/handshake.js'
import type { PeerMessages } from '../../protocol/peer/messages.js'
import { clientOfPeerId } from '../../protocol/peer/peer-id.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import { type BlockPlace, Downloads } from './downloads.js'
import type { PeerStream, SocketListener } from './peer-stream.js'
import { SocketLink } from './socket-link.js'
import type { Swarm } from './swarm.js'
import { Uploads } from './uploads.js'

const debug = debugLog('client')

/** Bytes that may wait in a socket before its peer's own messages are no longer read: it must take what it asked for. */
const MAX_WAITING_BYTES = 4 * 2 ** 20

const HANDSHAKE_MS = 15_000
const IDLE_MS = 180_000
const KEEP_ALIVE_MS = 100_000

/** What a connection needs of the session. */
export interface ConnectionHost {
  readonly peerId: Uint8Array
  /** Where blocks are received to, at the offsets that a storage gives. */
  readonly receiveMemory: Buffer
  now(): number
  /** The swarm that a handshake names; undefined where we have no such torrent. */
  findSwarm(infoHash: Uint8Array): Swarm | undefined
  /** Calls `flush` at the end of this turn of the event loop. */
  flushSoon(connection: Connection): void
  /** The block waits for memory: `connection.resume` is to be called when there is some. */
  waitForRoom(connection: Connection): void
  /** Another connection may be in the middle of this block: true where it left it to `peer`. */
  takeOver(block: BlockPlace & { readonly peer: Peer; readonly swarm: Swarm }): boolean
  closed(connection: Connection): void
}

type State =
  | { readonly type: 'connecting' | 'awaiting-handshake' }
  | {
      readonly type: 'open'
      readonly peer: Peer
      readonly swarm: Swarm
      readonly downloads: Downloads
      readonly uploads: Uploads
    }
  | { readonly type: 'closed' }

/** One TCP connection with a peer: from socket to decoder to the engine's peer, and from the engine's calls to the socket. */
export class Connection implements SocketListener, DecoderOwner {
  readonly remote: PeerAddress
  readonly isOutgoing: boolean
  /** The session's mark that it has this connection on its list. */
  isFlushPlanned = false
  readonly #host: ConnectionHost
  readonly #socket: PeerStream
  readonly #decoder: PeerDecoder
  readonly #link: SocketLink
  #swarm: Swarm | undefined
  #sentHash: Uint8Array | undefined
  #state: State
  #changedAt: number
  #heardAt: number
  #spokeAt: number
  #isPaused = false

  /**
   * @param outgoing the swarm it was begun for, and the info hash to name; undefined for one that was accepted
   * @param open opens the socket, which tells this connection what happens
   */
  constructor(
    host: ConnectionHost,
    remote: PeerAddress,
    outgoing: { swarm: Swarm; infoHash: Uint8Array } | undefined,
    open: (listener: SocketListener) => PeerStream,
  ) {
    this.#host = host
    this.remote = remote
    this.isOutgoing = outgoing !== undefined
    this.#swarm = outgoing?.swarm
    this.#sentHash = outgoing?.infoHash
    this.#state = { type: outgoing === undefined ? 'awaiting-handshake' : 'connecting' }
    this.#decoder = new PeerDecoder(this)
    this.#link = new SocketLink(this, () => host.flushSoon(this))
    this.#changedAt = host.now()
    this.#heardAt = this.#changedAt
    this.#spokeAt = this.#changedAt
    this.#socket = open(this)
  }

  /** Its TCP connection is being made. */
  get isHalfOpen(): boolean {
    return this.#state.type === 'connecting'
  }

  get waitingBytes(): number {
    return this.#socket.waitingBytes
  }

  isOf(swarm: Swarm): boolean {
    return this.#state.type === 'open' ? this.#state.swarm === swarm : this.#swarm === swarm
  }

  /** Whether its peer waits for blocks of that swarm. */
  isUploadingFrom(swarm: Swarm): boolean {
    return this.#state.type === 'open' && this.#state.swarm === swarm && this.#state.uploads.isWaiting
  }

  // From the socket.

  connected(): void {
    if (this.#state.type !== 'connecting' || this.#swarm === undefined || this.#sentHash === undefined) return
    this.#enter({ type: 'awaiting-handshake' })
    this.#sendHandshake(this.#swarm, this.#sentHash)
  }

  data(bytes: Uint8Array): void {
    this.#heardAt = this.#host.now()
    this.#decode(() => this.#decoder.push(bytes))
  }

  closed(error: Error | undefined): void {
    if (this.#state.type === 'closed') return
    debug('%s:%d closed: %s', this.remote.host, this.remote.port, error?.message ?? 'by the peer')
    this.#release()
  }

  // From the decoder.

  handshake(handshake: Handshake): { messages: PeerMessages; pieceCount: number } | undefined {
    const swarm = this.isOutgoing ? this.#swarm : this.#host.findSwarm(handshake.infoHash)
    if (swarm === undefined || !swarm.isKnownBy(handshake.infoHash)) return this.#refuse('another torrent')
    const answer = swarm.answerTo(handshake)
    // To ourselves, too: the other end is to learn that it is us.
    if (!this.isOutgoing) this.#sendHandshake(swarm, answer)
    if (equalBytes(handshake.peerId, this.#host.peerId)) {
      if (this.isOutgoing) swarm.connectFailed(this.remote, 'ourselves')
      this.#swarm = undefined
      return this.#refuse('ourselves')
    }
    const peer = swarm.torrent.addPeer({
      address: this.remote,
      peerId: handshake.peerId,
      isOutgoing: this.isOutgoing,
      features: handshake.features,
      isV2: swarm.isV2Hash(this.isOutgoing ? handshake.infoHash : answer),
      link: this.#link,
    })
    this.#swarm = undefined
    if (peer === undefined) return this.#refuse('not wanted')
    const { host, port } = this.remote
    const client = clientOfPeerId(handshake.peerId) ?? 'unknown'
    debug('%s:%d open, %s, %s', host, port, this.isOutgoing ? 'outgoing' : 'incoming', client)
    const downloads = new Downloads(peer, swarm, {
      waitForRoom: () => this.#host.waitForRoom(this),
      takeOver: block => this.#host.takeOver({ ...block, peer, swarm }),
    })
    this.#enter({ type: 'open', peer, swarm, downloads, uploads: new Uploads(peer, swarm, this.#link) })
    return { messages: peer, pieceCount: swarm.torrent.map.pieceCount }
  }

  beginBlock(piece: number, offset: number, length: number): number {
    return this.#state.type === 'open' ? this.#state.downloads.begin(piece, offset, length) : SKIP
  }

  blockBytes(bytes: Uint8Array, at: number): void {
    // `fill` copies at the speed of memory; `set` goes byte by byte where memory is shared.
    this.#host.receiveMemory.fill(bytes, at, at + bytes.length)
  }

  endBlock(piece: number, offset: number, length: number): void {
    if (this.#state.type === 'open') this.#state.downloads.end(piece, offset, length)
  }

  // From the session.

  /** The block that is arriving. */
  get arriving(): (BlockPlace & { readonly peer: Peer; readonly swarm: Swarm }) | undefined {
    const block = this.#decoder.openBlock
    if (this.#state.type !== 'open' || block === undefined) return undefined
    return { ...block, peer: this.#state.peer, swarm: this.#state.swarm }
  }

  /** Leaves the block that is arriving to others: what still comes of it is thrown away. */
  giveUpBlock(): void {
    const block = this.#decoder.openBlock
    if (this.#state.type !== 'open' || block === undefined) return
    debug('%s:%d leaves its block of piece %d to others', this.remote.host, this.remote.port, block.piece)
    this.#decoder.skipBlock()
    this.#state.downloads.giveUp(block)
  }

  /** There may be room for the block that waits. */
  resume(): void {
    this.#decode(() => this.#decoder.resume())
  }

  /** Sends what was said since the last time, and blocks that were asked for, with one write. */
  flush(): void {
    if (this.#state.type !== 'open') return
    const { uploads } = this.#state
    const parts: Uint8Array[] = []
    const leases = uploads.take(parts, this.#socket.waitingBytes)
    if (this.#link.pending > 0) parts.push(this.#link.take())
    if (parts.length === 0) return
    this.#spokeAt = this.#host.now()
    this.#socket.write(parts, () => {
      for (const lease of leases) lease.release()
      if (uploads.isWaiting) this.#host.flushSoon(this)
      this.#updateReading()
    })
    this.#updateReading()
  }

  /** Once a second: ends what hangs, and keeps alive what is idle. */
  onSecond(now: number): void {
    switch (this.#state.type) {
      case 'connecting':
      case 'awaiting-handshake':
        if (now - this.#changedAt > HANDSHAKE_MS) this.end('no handshake in time')
        break
      case 'open':
        if (this.#decoder.isWaiting) {
          this.#heardAt = now
          this.#state.peer.lastBlockAt = now
        }
        if (now - this.#heardAt > IDLE_MS) this.end('silent for too long')
        else if (now - this.#spokeAt > KEEP_ALIVE_MS) this.#link.keepAlive()
        break
      case 'closed':
        break
    }
  }

  /** Ends the connection, whatever its state; what waits to be sent is dropped. */
  end(reason: string): void {
    if (this.#state.type === 'closed') return
    debug('%s:%d ended: %s', this.remote.host, this.remote.port, reason)
    this.#release()
  }

  #decode(step: () => void): void {
    try {
      step()
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      if (this.#state.type === 'open') this.#state.peer.drop('protocol-error', error.message)
      else this.end(error.message)
    }
    if (this.#state.type === 'open') this.#state.swarm.torrent.downloader.endTurn(this.#state.peer)
    this.#updateReading()
  }

  /** Reads on only while there is room for what comes, and the peer takes what it asked for. */
  #updateReading(): void {
    if (this.#state.type === 'closed') return
    const mustPause = this.#decoder.isWaiting || this.#socket.waitingBytes > MAX_WAITING_BYTES
    if (mustPause === this.#isPaused) return
    this.#isPaused = mustPause
    if (mustPause) this.#socket.pause()
    else this.#socket.resume()
  }

  #sendHandshake(swarm: Swarm, infoHash: Uint8Array): void {
    const handshake = encodeHandshake({
      infoHash,
      peerId: this.#host.peerId,
      features: { fast: true, extensions: true, v2: swarm.isHybrid },
    })
    this.#socket.write([handshake], () => {})
  }

  #refuse(reason: string): undefined {
    this.end(reason)
    return undefined
  }

  #enter(state: State): void {
    this.#state = state
    this.#changedAt = this.#host.now()
  }

  #release(): void {
    const state = this.#state
    const block = this.#decoder.openBlock
    this.#decoder.close()
    this.#enter({ type: 'closed' })
    if (state.type === 'open') {
      if (block !== undefined) state.swarm.storage.abandon(block.piece, block.offset)
      state.swarm.torrent.removePeer(state.peer)
    } else if (this.isOutgoing) {
      this.#swarm?.connectFailed(this.remote, 'unreachable')
    }
    this.#socket.destroy()
    this.#host.closed(this)
  }
}
