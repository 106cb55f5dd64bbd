import type { PeerIntroduction } from '../../engine/introduction.js'
import type { MetadataTorrent } from '../../engine/metadata/metadata-torrent.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import type { TorrentLimits } from '../limits/rate-limits.js'
import { MetadataConversation } from './metadata-conversation.js'
import { type Converse, Swarm, type SwarmHashes } from './swarm.js'

/** A torrent of which only hashes are known. */
export class MetadataSwarm extends Swarm {
  readonly torrent: MetadataTorrent

  constructor(hashes: SwarmHashes, torrent: MetadataTorrent, limits: TorrentLimits) {
    super(hashes, limits)
    this.torrent = torrent
  }

  override connectFailed(address: PeerAddress, reason: 'unreachable' | 'ourselves'): void {
    this.torrent.connectFailed(address, reason)
  }

  override admit(introduction: PeerIntroduction): Converse | undefined {
    const peer = this.torrent.addPeer(introduction)
    return peer === undefined ? undefined : () => new MetadataConversation(peer, this.torrent)
  }
}
