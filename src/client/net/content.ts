import type { Torrent } from '../../engine/torrent.js'
import type { Storage } from '../disk/storage.js'

/** The content of a torrent as the connections exchange it: what is decided, and where the bytes are. */
export interface Content {
  readonly torrent: Torrent
  readonly storage: Storage
}
