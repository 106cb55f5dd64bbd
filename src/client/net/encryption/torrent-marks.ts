import { toHex } from '../../../base/bytes.js'
import { torrentMark } from '../../../protocol/encryption/stream-keys.js'
import { nodeDigests } from '../../digests.js'

/** Info hashes by their marks, by which an encrypted handshake names a torrent: one look-up, however many there are. */
export class TorrentMarks {
  readonly #infoHashes = new Map<string, Uint8Array>()

  add(infoHash: Uint8Array): void {
    this.#infoHashes.set(keyOf(infoHash), infoHash)
  }

  delete(infoHash: Uint8Array): void {
    this.#infoHashes.delete(keyOf(infoHash))
  }

  find(mark: Uint8Array): Uint8Array | undefined {
    return this.#infoHashes.get(toHex(mark))
  }
}

function keyOf(infoHash: Uint8Array): string {
  return toHex(torrentMark(nodeDigests.sha1, infoHash))
}
