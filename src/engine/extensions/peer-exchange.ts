// BEP 11: peer exchange. Peers tell each other once a minute which peers they are connected to; not for private torrents (BEP 27).

import type { Random } from '../../base/random.js'
import { type AddressScope, isMeaningfulTo, scopeOf } from '../../protocol/address-scope.js'
import {
  decodePeerExchange,
  type ExchangedPeer,
  ExchangeFlag,
  encodePeerExchange,
  MAX_EXCHANGED,
} from '../../protocol/peer/peer-exchange.js'
import { formatAddress, type PeerAddress } from '../../protocol/peer-address.js'
import type { Candidate } from '../connect/candidates.js'
import type { Peer } from '../peer.js'
import { type Extension, sendExtended } from './extension.js'
import { HeardPeers } from './heard-peers.js'
import { listenAddressOf } from './listen-address.js'
import { ToldPeers } from './told-peers.js'

/** The torrent, as peer exchange sees it. */
export interface ExchangeOwner {
  readonly now: number
  readonly peers: ReadonlySet<Peer>
  readonly wanted: { readonly isDone: boolean }
}

/** Takes the addresses. */
export interface ExchangeConnector {
  readonly candidates: {
    get(address: PeerAddress): Candidate | undefined
    add(address: PeerAddress, source: 'pex'): Candidate | undefined
  }
  isOurselves(address: PeerAddress): boolean
  /** There are new candidates. */
  connectMore(): void
}

/** Milliseconds between two messages to a peer, and how much is added at random at most, so that not all are due at once. */
const INTERVAL_MS = 60_000
const SPREAD_MS = 5_000

/** Milliseconds until the first message, at most: enough for other peers that connect at the same time. */
const FIRST_MS = 5_000

/** Where nothing has changed, the next look is after 20 s. */
const LOOK_AGAIN_MS = 20_000

/** Messages that are due within three seconds are sent together, so that the list of connected peers is made once. */
const ROUND_MS = 3_000

interface Conversation {
  /** The scope of the peer's address. */
  readonly scope: AddressScope
  readonly told: ToldPeers
  readonly heard: HeardPeers
  nextAt: number
}

export class PeerExchange implements Extension<Peer> {
  readonly name = 'ut_pex'
  readonly isOffered = true
  readonly #owner: ExchangeOwner
  readonly #connector: ExchangeConnector
  readonly #random: Random
  readonly #conversations = new Map<Peer, Conversation>()
  #nextRound = 0

  constructor(owner: ExchangeOwner, connector: ExchangeConnector, random: Random) {
    this.#owner = owner
    this.#connector = connector
    this.#random = random
  }

  onHandshake(peer: Peer): void {
    if (peer.extensionIds.has(this.name)) this.#conversationWith(peer)
  }

  onRemoved(peer: Peer): void {
    this.#conversations.delete(peer)
  }

  onMessage(peer: Peer, payload: Uint8Array): 'read' | 'malformed' {
    const { heard } = this.#conversationWith(peer)
    switch (heard.arrives(this.#owner.now)) {
      case 'flood':
        return 'malformed'
      case 'too-early':
        return 'read'
      case 'in-time':
    }
    const message = decodePeerExchange(payload, MAX_EXCHANGED)
    if (message === undefined) return 'malformed'
    const isNew = heard.take(message, other => this.#add(other))
    if (isNew) this.#connector.connectMore()
    return 'read'
  }

  onSecond(now: number): void {
    if (now < this.#nextRound) return
    this.#nextRound = now + ROUND_MS
    let connected: ReadonlyMap<string, ExchangedPeer> | undefined
    for (const [peer, conversation] of this.#conversations) {
      if (now < conversation.nextAt || !peer.extensionIds.has(this.name)) continue
      connected ??= this.#connected()
      conversation.nextAt = now + this.#tell(peer, conversation, connected)
    }
  }

  /** Sends what has changed. Returns the milliseconds until the next message. */
  #tell(peer: Peer, { told, scope }: Conversation, connected: ReadonlyMap<string, ExchangedPeer>): number {
    const own = listenAddressOf(peer)
    const ownKey = own === undefined ? undefined : formatAddress(own)
    const message = told.next(
      connected,
      (key, address) => key !== ownKey && isMeaningfulTo(address.host, scope),
    )
    if (message === undefined) return LOOK_AGAIN_MS
    sendExtended(peer, this.name, encodePeerExchange(message))
    return INTERVAL_MS + this.#random.below(SPREAD_MS)
  }

  /** Peers that others can connect to, by the text of the address. */
  #connected(): Map<string, ExchangedPeer> {
    const connected = new Map<string, ExchangedPeer>()
    for (const peer of this.#owner.peers) {
      const address = listenAddressOf(peer)
      if (address !== undefined) connected.set(formatAddress(address), { address, flags: flagsOf(peer) })
    }
    return connected
  }

  #add({ address, flags }: ExchangedPeer): Candidate | undefined {
    // Two peers that both want nothing would only take up a place.
    if (this.#owner.wanted.isDone && (flags & ExchangeFlag.isUploadOnly) !== 0) return undefined
    const { candidates } = this.#connector
    if (this.#connector.isOurselves(address) || candidates.get(address) !== undefined) return undefined
    return candidates.add(address, 'pex')
  }

  #conversationWith(peer: Peer): Conversation {
    let conversation = this.#conversations.get(peer)
    if (conversation === undefined) {
      const { now } = this.#owner
      const scope = scopeOf(peer.introduction.address.host)
      conversation = {
        scope,
        told: new ToldPeers(),
        heard: new HeardPeers(scope, now),
        nextAt: now + this.#random.below(FIRST_MS),
      }
      this.#conversations.set(peer, conversation)
    }
    return conversation
  }
}

function flagsOf(peer: Peer): number {
  return (
    (peer.prefersEncryption ? ExchangeFlag.prefersEncryption : 0) |
    (peer.isSeed || peer.isUploadOnly ? ExchangeFlag.isUploadOnly : 0) |
    (peer.extensionIds.has('ut_holepunch') ? ExchangeFlag.supportsHolePunch : 0) |
    (peer.introduction.isOutgoing ? ExchangeFlag.isReachable : 0)
  )
}
