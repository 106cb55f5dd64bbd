import { equalBytes } from '../../base/bytes.js'
import type { Torrent } from '../../engine/torrent.js'
import type { Info } from '../../protocol/metainfo/metainfo.js'
import type { Handshake } from '../../protocol/peer/handshake.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import type { Storage } from '../disk/storage.js'
import type { TorrentLimits } from '../limits/rate-limits.js'
import { NamedPeers } from './named-peers.js'

/**
 * A torrent as its connections see it. A hybrid is in two swarms at once: v1 peers name it by its SHA-1, v2 peers by the
 * first 20 bytes of its SHA-256, and who knows both goes over to v2 (BEP 52).
 */
export class Swarm {
  readonly storage: Storage
  readonly limits: TorrentLimits
  readonly namedPeers = new NamedPeers()
  readonly #makeTorrent: () => Torrent
  #torrent: Torrent | undefined
  readonly #v1: Uint8Array | undefined
  readonly #v2: Uint8Array | undefined

  constructor(info: Info, makeTorrent: () => Torrent, storage: Storage, limits: TorrentLimits) {
    this.#makeTorrent = makeTorrent
    this.storage = storage
    this.limits = limits
    const { v1, v2 } = wireHashes(info)
    this.#v1 = v1
    this.#v2 = v2
  }

  /** Its engine, which is made when it is first needed: of many that are seeded most never see a peer. */
  get torrent(): Torrent {
    this.#torrent ??= this.#makeTorrent()
    return this.#torrent
  }

  /** Its engine, if it was needed yet. */
  get awakeTorrent(): Torrent | undefined {
    return this.#torrent
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
    const lacksLayers = this.#torrent?.hashExchange?.isComplete === false
    const isV1 = (attempt % 2 === 0) !== lacksLayers
    return isV1 ? (this.#v1 ?? this.#v2) : (this.#v2 ?? this.#v1)
  }

  /** The hash to answer a peer with: v2 where both know it, else the one it named. */
  answerTo(handshake: Handshake): Uint8Array {
    return this.isHybrid && handshake.features.v2 && this.#v2 !== undefined ? this.#v2 : handshake.infoHash
  }

  connectFailed(address: PeerAddress, reason: 'unreachable' | 'ourselves'): void {
    this.torrent.connectFailed(address, reason)
  }
}

/** The hashes of 20 bytes by which peers and trackers know a torrent. */
export function wireHashes(info: Info): { v1: Uint8Array | undefined; v2: Uint8Array | undefined } {
  return { v1: info.infoHashV1, v2: info.infoHashV2?.subarray(0, 20) }
}
