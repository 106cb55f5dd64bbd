import { equalBytes } from '../../base/bytes.js'
import { debugLog } from '../../base/log.js'
import {
  type DecoderOwner,
  type DecodingListener,
  PeerDecoder,
  SKIP,
  WireError,
} from '../../protocol/peer/decoder.js'
import { encodeHandshake, type Handshake } from '../../protocol/peer/handshake.js'
import { clientOfPeerId } from '../../protocol/peer/peer-id.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import { MAX_QUEUED_BYTES } from './block-sender.js'
import type { ConnectionHost } from './connection-host.js'
import type { ContentSwarm } from './content-swarm.js'
import type { Conversation } from './conversation.js'
import type { ConversationLine } from './conversation-line.js'
import type { Dial } from './dial.js'
import type { PeerStream, StreamListener, StreamRoute } from './peer-stream.js'
import { Reading } from './reading.js'
import type { ArrivingBlock, Receiver } from './receiving/receivers.js'
import { Silence } from './silence.js'
import { SocketLink } from './socket-link.js'
import type { Swarm } from './swarm.js'

const debug = debugLog('client')

type State =
  | { readonly type: 'connecting' | 'awaiting-handshake' }
  | {
      readonly type: 'open'
      readonly swarm: Swarm
      readonly conversation: Conversation
      readonly line: ConversationLine
    }
  | { readonly type: 'closed' }

/** One connection with a peer: from its stream to the decoder to the conversation, and from there back to the stream. */
export class Connection implements StreamListener, DecoderOwner, Receiver {
  readonly remote: PeerAddress
  /** The flush queue's mark that it has this connection on its list. */
  isFlushPlanned = false
  readonly #host: ConnectionHost<Connection>
  readonly #socket: PeerStream
  readonly #decoder: PeerDecoder
  readonly #link: SocketLink
  readonly #reading: Reading
  /** Undefined for a connection that was accepted. */
  readonly #dial: Dial | undefined
  #state: State
  readonly silence: Silence

  /**
   * @param dial what it was begun for; undefined for one that was accepted
   * @param open opens the stream, which tells this connection what happens
   */
  constructor(
    host: ConnectionHost<Connection>,
    remote: PeerAddress,
    dial: Dial | undefined,
    open: (listener: StreamListener) => PeerStream,
  ) {
    this.#host = host
    this.remote = remote
    this.#dial = dial
    this.#state = { type: dial === undefined ? 'awaiting-handshake' : 'connecting' }
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
    return this.#dial === undefined && this.#state.type === 'awaiting-handshake'
  }

  get waitingBytes(): number {
    return this.#socket.waitingBytes
  }

  isOf(swarm: Swarm): boolean {
    return this.#state.type === 'open' ? this.#state.swarm === swarm : this.#dial?.swarm === swarm
  }

  get route(): StreamRoute {
    return this.#socket
  }

  /** Its conversation with the peer; undefined where that has not begun, or is of another swarm. */
  conversationIn(swarm: Swarm): Conversation | undefined {
    return this.#state.type === 'open' && this.#state.swarm === swarm ? this.#state.conversation : undefined
  }

  // From the stream.

  connected(): void {
    const dial = this.#dial
    if (this.#state.type !== 'connecting' || dial === undefined) return
    this.#enter({ type: 'awaiting-handshake' })
    this.#sendHandshake(dial.swarm, dial.infoHash)
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

  handshake(handshake: Handshake): DecodingListener | undefined {
    this.#host.introduced(this)
    const dial = this.#dial
    const swarm = dial === undefined ? this.#host.findSwarm(handshake.infoHash) : dial.swarm
    if (swarm === undefined || !swarm.isKnownBy(handshake.infoHash))
      return this.#refuse('it has another torrent')
    const answer = swarm.answerTo(handshake)
    // To ourselves, too: the other end is to learn that it is us.
    if (dial === undefined) this.#sendHandshake(swarm, answer)
    if (equalBytes(handshake.peerId, this.#host.peerId)) {
      dial?.ledToOurselves()
      return this.#refuse('ourselves')
    }
    const converse = swarm.admit({
      address: this.remote,
      peerId: handshake.peerId,
      isOutgoing: dial !== undefined,
      features: handshake.features,
      isV2: swarm.isV2Hash(dial === undefined ? answer : handshake.infoHash),
      link: this.#link,
    })
    if (converse === undefined) {
      dial?.refused()
      return this.#refuse('not wanted')
    }
    dial?.opened()
    this.#tellOpen(clientOfPeerId(handshake.peerId) ?? 'unknown')
    const line = this.#openLine(swarm)
    const conversation = converse(line)
    this.#enter({ type: 'open', swarm, conversation, line })
    return conversation
  }

  beginBlock(piece: number, offset: number, length: number): number {
    return this.#state.type === 'open' ? this.#state.conversation.beginBlock(piece, offset, length) : SKIP
  }

  blockBytes(bytes: Uint8Array, at: number): void {
    // `fill` copies at the speed of memory; `set` goes byte by byte where memory is shared.
    this.#host.receiveMemory.fill(bytes, at, at + bytes.length)
  }

  endBlock(piece: number, offset: number, length: number): void {
    if (this.#state.type === 'open') this.#state.conversation.endBlock(piece, offset, length)
  }

  // From the session.

  get heardAt(): number {
    return this.silence.heardAt
  }

  get arriving(): ArrivingBlock | undefined {
    const block = this.#decoder.openBlock
    if (this.#state.type !== 'open' || block === undefined) return undefined
    const { conversation } = this.#state
    return conversation.type === 'content' ? conversation.arriving(block) : undefined
  }

  giveUpBlock(): void {
    const block = this.#decoder.openBlock
    if (this.#state.type !== 'open' || block === undefined) return
    const { conversation } = this.#state
    if (conversation.type !== 'content') return
    debug('%s:%d leaves its block of piece %d to others', this.remote.host, this.remote.port, block.piece)
    this.#decoder.skipBlock()
    conversation.giveUp(block)
  }

  /** The metainfo of its torrent is here: goes on with the content, or ends where it cannot. */
  goOnWith(swarm: ContentSwarm): void {
    const state = this.#state
    const before = state.type === 'open' ? state.conversation : undefined
    if (state.type !== 'open' || before?.type !== 'metadata') {
      this.end('begun before the metainfo was here')
      return
    }
    const taken = swarm.takeOver(before.peer, state.line)
    if (taken === undefined) {
      this.end('not of use for the content as it is')
      return
    }
    const { conversation } = taken
    this.#state = { ...state, swarm, conversation }
    this.#dial?.goOnWith(swarm)
    this.#decoder.hand(conversation)
    taken.resume()
    before.close()
    if (this.conversationIn(swarm) !== undefined) conversation.endTurn()
  }

  resume(): void {
    this.#decode(() => this.#decoder.resume())
    this.#reading.update()
  }

  /** Sends what was said since the last time, and blocks that were asked for, with one write. */
  flush(): void {
    if (this.#state.type !== 'open') return
    const { conversation } = this.#state
    const parts: Uint8Array[] = []
    const { waitingBytes } = this.#socket
    const leases = conversation.takeBlocks(parts, waitingBytes)
    // Behind what fills the socket messages would leave no later, and each write that waits costs more than its bytes.
    if (this.#link.pending > 0 && waitingBytes < MAX_QUEUED_BYTES) parts.push(this.#link.take())
    if (parts.length === 0) return
    this.silence.spokeAt = this.#host.now()
    this.#socket.write(parts, () => {
      conversation.written(leases)
      this.silence.tookAt = this.#host.now()
      if (conversation.isUploading || this.#link.pending > 0) this.#host.flushSoon(this)
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
          this.#state.conversation.heldUp(now)
        }
        if (this.#socket.waitingBytes === 0) this.silence.tookAt = now
        this.#link.sayLate()
        this.#breakSilence(this.silence.whoIsSilent(now))
        break
      case 'closed':
        break
    }
  }

  /** Ends the connection in any state. Data that waits to be sent is dropped. */
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
      if (this.#state.type === 'open') this.#state.conversation.drop('protocol-error', error.message)
      else this.end(error.message)
    }
    if (this.#state.type === 'open') this.#state.conversation.endTurn()
  }

  #tellOpen(client: string): void {
    const { host, port } = this.remote
    const { transport, encryption } = this.#socket
    const direction = this.#dial === undefined ? 'incoming' : 'outgoing'
    debug('%s:%d open, %s, %s, %s, %s', host, port, direction, transport, encryption, client)
  }

  #openLine(swarm: Swarm): ConversationLine {
    const flushSoon = () => this.#host.flushSoon(this)
    return {
      link: this.#link,
      flows: this.#host.isLimited(this.remote) ? this.#reading.openFlows(swarm.limits, flushSoon) : undefined,
      receiver: this,
      receivers: this.#host.receivers,
    }
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

  /** The likely reason of a peer that closes the connection without an error. */
  #whyClosed(): string {
    if (this.#state.type === 'open') return 'it closed the connection'
    return 'it closed the connection before its handshake, as peers do that do not have the torrent'
  }

  #release(reason: Error | string): void {
    const state = this.#state
    const block = this.#decoder.openBlock
    this.#decoder.close()
    this.#reading.close()
    this.#enter({ type: 'closed' })
    if (state.type === 'open') {
      state.line.flows?.close()
      state.conversation.close(block)
    }
    this.#dial?.ended(reason)
    this.#socket.destroy()
    this.#host.closed(this)
  }
}
