import { equalBytes } from '../../base/bytes.js'
import type { PeerIntroduction } from '../../engine/introduction.js'
import type { Info } from '../../protocol/metainfo/metainfo.js'
import type { Handshake } from '../../protocol/peer/handshake.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import type { TorrentLimits } from '../limits/rate-limits.js'
import type { Conversation } from './conversation.js'
import type { ConversationLine } from './conversation-line.js'
import { NamedPeers } from './named-peers.js'

/** By which hashes a torrent is known. */
export type SwarmHashes = Pick<Info, 'infoHashV1' | 'infoHashV2'>

/** Begins the conversation with a peer that was admitted. */
export type Converse = (line: ConversationLine) => Conversation

/**
 * A torrent as its connections see it, with or without metainfo. A hybrid is in two swarms at once: v1 peers name it by its SHA-1,
 * v2 peers by the first 20 bytes of its SHA-256, and peers that know both switch to v2 (BEP 52).
 */
export abstract class Swarm {
  readonly limits: TorrentLimits
  readonly namedPeers = new NamedPeers()
  readonly #v1: Uint8Array | undefined
  readonly #v2: Uint8Array | undefined

  constructor(hashes: SwarmHashes, limits: TorrentLimits) {
    this.limits = limits
    const { v1, v2 } = wireHashes(hashes)
    this.#v1 = v1
    this.#v2 = v2
  }

  get isHybrid(): boolean {
    return this.#v1 !== undefined && this.#v2 !== undefined
  }

  isKnownBy(infoHash: Uint8Array): boolean {
    return this.isV2Hash(infoHash) || (this.#v1 !== undefined && equalBytes(this.#v1, infoHash))
  }

  isV2Hash(infoHash: Uint8Array): boolean {
    return this.#v2 !== undefined && equalBytes(this.#v2, infoHash)
  }

  /**
   * The hash to name; a peer that did not know the one is tried by the other. v1 is first, which most peers know, but where layers
   * are missing: only v2 peers have them, and libtorrent does not go over to v2 on connections that are encrypted.
   */
  hashForAttempt(attempt: number): Uint8Array | undefined {
    const isV1 = (attempt % 2 === 0) !== this.lacksLayers
    return isV1 ? (this.#v1 ?? this.#v2) : (this.#v2 ?? this.#v1)
  }

  /** The hash to answer a peer with: v2 where both know it, else the one it named. */
  answerTo(handshake: Handshake): Uint8Array {
    return this.isHybrid && handshake.features.v2 && this.#v2 !== undefined ? this.#v2 : handshake.infoHash
  }

  /** True if layers of hashes are wanted, which only v2 peers have. */
  protected get lacksLayers(): boolean {
    return false
  }

  /** A connection that was begun did not come about, or led to ourselves. */
  abstract connectFailed(address: PeerAddress, reason: 'unreachable' | 'ourselves'): void

  /** A handshake was made. Undefined where the peer is not wanted; then its connection is to be ended. */
  abstract admit(introduction: PeerIntroduction): Converse | undefined
}

/** The hashes of 20 bytes by which peers and trackers know a torrent. */
export function wireHashes(hashes: SwarmHashes): { v1: Uint8Array | undefined; v2: Uint8Array | undefined } {
  return { v1: hashes.infoHashV1, v2: hashes.infoHashV2?.subarray(0, 20) }
}

/** The same as a list, v1 first. */
export function wireHashList(hashes: SwarmHashes): Uint8Array[] {
  const { v1, v2 } = wireHashes(hashes)
  return [v1, v2].filter(hash => hash !== undefined)
}
