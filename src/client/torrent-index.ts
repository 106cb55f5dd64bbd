import { toHex } from '../base/bytes.js'
import { torrentMark } from '../protocol/encryption/stream-keys.js'
import { nodeDigests } from './digests.js'

/** The torrents of a session, by each hash that peers know them by; each look-up is one, however many there are. */
export class TorrentIndex<Entry> {
  readonly #byHash = new Map<string, Entry>()
  /** Info hashes by their marks, by which an encrypted handshake names a torrent. */
  readonly #byMark = new Map<string, Uint8Array>()

  /** @param infoHashes 20 bytes each: two for a hybrid */
  add(infoHashes: readonly Uint8Array[], entry: Entry): void {
    for (const infoHash of infoHashes) {
      this.#byHash.set(toHex(infoHash), entry)
      this.#byMark.set(markOf(infoHash), infoHash)
    }
  }

  delete(infoHashes: readonly Uint8Array[]): void {
    for (const infoHash of infoHashes) {
      this.#byHash.delete(toHex(infoHash))
      this.#byMark.delete(markOf(infoHash))
    }
  }

  find(infoHash: Uint8Array): Entry | undefined {
    return this.#byHash.get(toHex(infoHash))
  }

  /** The info hash that has this mark, as `torrentMark` makes it. */
  findByMark(mark: Uint8Array): Uint8Array | undefined {
    return this.#byMark.get(toHex(mark))
  }
}

function markOf(infoHash: Uint8Array): string {
  return toHex(torrentMark(nodeDigests.sha1, infoHash))
}
