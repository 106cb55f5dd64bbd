import { equalBytes } from '../../base/bytes.js'
import { debugLog } from '../../base/log.js'
import type { Peer } from '../../engine/peer.js'
import { type DecoderOwner, PeerDecoder, SKIP, WireError } from '../../protocol/peer/decoder.js'
import { encodeHandshake, type Handshake } from '../../protocol/peer/handshake.js'
import type { PeerMessages } from '../../protocol/peer/messages.js'
import { clientOfPeerId } from '../../protocol/peer/peer-id.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import type { Flows } from '../limits/rate-limits.js'
import type { ConnectionHost } from './connection-host.js'
import { type BlockPlace, Downloads } from './downloads.js'
import type { PeerStream, StreamListener } from './peer-stream.js'
import { Reading } from './reading.js'
import { Silence } from './silence.js'
import { SocketLink } from './socket-link.js'
import type { Swarm } from './swarm.js'
import { MAX_QUEUED_BYTES, Uploads } from './uploads.js'

const debug = debugLog('client')

type State =
  | { readonly type: 'connecting' | 'awaiting-handshake' }
  | {
      readonly type: 'open'
      readonly peer: Peer
      readonly swarm: Swarm
      readonly downloads: Downloads
      readonly uploads: Uploads
      /** Absent where no limit holds. */
      readonly flows: Flows | undefined
    }
  | { readonly type: 'closed' }

/** One connection with a peer: from its stream to the decoder to the engine's peer, and from the engine's calls to the stream. */
export class Connection implements StreamListener, DecoderOwner {
  readonly remote: PeerAddress
  readonly isOutgoing: boolean
  /** The flush queue's mark that it has this connection on its list. */
  isFlushPlanned = false
  readonly #host: ConnectionHost<Connection>
  readonly #socket: PeerStream
  readonly #decoder: PeerDecoder
  readonly #link: SocketLink
  readonly #reading: Reading
  #swarm: Swarm | undefined
  #sentHash: Uint8Array | undefined
  #state: State
  readonly silence: Silence

  /**
   * @param outgoing the swarm it was begun for, and the info hash to name; undefined for one that was accepted
   * @param open opens the stream, which tells this connection what happens
   */
  constructor(
    host: ConnectionHost<Connection>,
    remote: PeerAddress,
    outgoing: { swarm: Swarm; infoHash: Uint8Array } | undefined,
    open: (listener: StreamListener) => PeerStream,
  ) {
    this.#host = host
    this.remote = remote
    this.isOutgoing = outgoing !== undefined
    this.#swarm = outgoing?.swarm
    this.#sentHash = outgoing?.infoHash
    this.#state = { type: outgoing === undefined ? 'awaiting-handshake' : 'connecting' }
    this.#decoder = new PeerDecoder(this)
    this.#link = new SocketLink(this, () => host.flushSoon(this))
    this.silence = new Silence(host.now())
    this.#socket = open(this)
    this.#reading = new Reading(this.#socket, this.#decoder, host.readTurns)
  }

  /** Its connection is being made, the first or another one in its place. */
  get isHalfOpen(): boolean {
    return this.#socket.isHalfOpen
  }

  /** It was accepted, and its peer has not said its handshake yet. */
  get isNewcomer(): boolean {
    return !this.isOutgoing && this.#state.type === 'awaiting-handshake'
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

  // From the stream.

  connected(): void {
    if (this.#state.type !== 'connecting' || this.#swarm === undefined || this.#sentHash === undefined) return
    this.#enter({ type: 'awaiting-handshake' })
    this.#sendHandshake(this.#swarm, this.#sentHash)
  }

  data(bytes: Uint8Array): void {
    const now = this.#host.now()
    this.silence.heardAt = now
    this.#decode(() => this.#decoder.push(bytes))
    if (this.#state.type !== 'closed') this.#reading.count(bytes.length, this.#host.now() - now)
  }

  closed(error: Error | undefined): void {
    if (this.#state.type === 'closed') return
    debug('%s:%d closed: %s', this.remote.host, this.remote.port, error?.message ?? 'by the peer')
    this.#release(error ?? this.#whyClosed())
  }

  // From the decoder.

  handshake(handshake: Handshake): { messages: PeerMessages; pieceCount: number } | undefined {
    this.#host.introduced(this)
    const swarm = this.isOutgoing ? this.#swarm : this.#host.findSwarm(handshake.infoHash)
    if (swarm === undefined || !swarm.isKnownBy(handshake.infoHash))
      return this.#refuse('it has another torrent')
    const answer = swarm.answerTo(handshake)
    // To ourselves, too: the other end is to learn that it is us.
    if (!this.isOutgoing) this.#sendHandshake(swarm, answer)
    if (equalBytes(handshake.peerId, this.#host.peerId)) {
      if (this.isOutgoing) {
        swarm.connectFailed(this.remote, 'ourselves')
        swarm.namedPeers.ended(this.remote, 'it is this program itself')
      }
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
    if (peer === undefined && this.isOutgoing)
      swarm.namedPeers.ended(this.remote, 'it is connected already, or banned')
    this.#swarm = undefined
    if (peer === undefined) return this.#refuse('not wanted')
    const { host, port } = this.remote
    const client = clientOfPeerId(handshake.peerId) ?? 'unknown'
    debug('%s:%d open, %s, %s', host, port, this.isOutgoing ? 'outgoing' : 'incoming', client)
    if (this.isOutgoing) swarm.namedPeers.connected(this.remote)
    const downloads = new Downloads(peer, swarm, {
      waitForRoom: () => this.#host.waitForRoom(this),
      takeOver: block => this.#host.takeOver({ ...block, peer, swarm }),
    })
    const isLimited = this.#host.isLimited(this.remote)
    const flows = isLimited
      ? this.#reading.openFlows(swarm.limits, () => this.#host.flushSoon(this))
      : undefined
    const uploads = new Uploads(peer, swarm, this.#link, flows?.up)
    this.#enter({ type: 'open', peer, swarm, downloads, uploads, flows })
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
    this.#reading.update()
  }

  /** Sends what was said since the last time, and blocks that were asked for, with one write. */
  flush(): void {
    if (this.#state.type !== 'open') return
    const { uploads } = this.#state
    const parts: Uint8Array[] = []
    const { waitingBytes } = this.#socket
    const leases = uploads.take(parts, waitingBytes)
    // Behind what fills the socket messages would leave no later, and each write that waits costs more than its bytes.
    if (this.#link.pending > 0 && waitingBytes < MAX_QUEUED_BYTES) parts.push(this.#link.take())
    if (parts.length === 0) return
    this.silence.spokeAt = this.#host.now()
    this.#socket.write(parts, () => {
      uploads.written(leases)
      this.silence.tookAt = this.#host.now()
      if (uploads.isWaiting || this.#link.pending > 0) this.#host.flushSoon(this)
      this.#reading.update()
    })
    this.#reading.update()
  }

  /** Once a second: ends what hangs, and keeps alive what is idle. */
  onSecond(now: number): void {
    switch (this.#state.type) {
      case 'connecting':
      case 'awaiting-handshake':
        if (this.silence.isTooLate(now)) this.end('no handshake in time')
        break
      case 'open':
        if (this.#reading.isHeldUp) {
          this.silence.heardAt = now
          this.#state.peer.lastBlockAt = now
        }
        if (this.#socket.waitingBytes === 0) this.silence.tookAt = now
        this.#link.sayLate()
        this.#breakSilence(this.silence.whoIsSilent(now))
        break
      case 'closed':
        break
    }
  }

  /** Ends the connection, whatever its state; what waits to be sent is dropped. */
  end(reason: string): void {
    if (this.#state.type === 'closed') return
    debug('%s:%d ended: %s', this.remote.host, this.remote.port, reason)
    this.#release(reason)
  }

  #breakSilence(who: ReturnType<Silence['whoIsSilent']>): void {
    if (who === 'the peer') this.end('silent for too long')
    else if (who === 'we') this.#link.keepAlive()
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
    this.silence.changedAt = this.#host.now()
  }

  /** What a peer means that closes the connection without an error. */
  #whyClosed(): string {
    if (this.#state.type === 'open') return 'it closed the connection'
    return 'it closed the connection before its handshake, as peers do that do not have the torrent'
  }

  #release(reason: Error | string): void {
    const state = this.#state
    if (this.isOutgoing) {
      const swarm = state.type === 'open' ? state.swarm : this.#swarm
      swarm?.namedPeers.ended(this.remote, reason)
    }
    const block = this.#decoder.openBlock
    this.#decoder.close()
    this.#reading.close()
    this.#enter({ type: 'closed' })
    if (state.type === 'open') {
      state.flows?.close()
      if (block !== undefined) state.swarm.storage.abandon(block.piece, block.offset)
      state.swarm.torrent.removePeer(state.peer)
    } else if (this.isOutgoing) {
      this.#swarm?.connectFailed(this.remote, 'unreachable')
    }
    this.#socket.destroy()
    this.#host.closed(this)
  }
}
