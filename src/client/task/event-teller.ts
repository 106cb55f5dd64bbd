import { formatAddress, type PeerAddress } from '../../protocol/peer-address.js'
import { DiskError } from '../disk/disk-error.js'
import type { TorrentEvent } from './torrent-events.js'

/** Tells the events of a torrent to its listeners. */
export class EventTeller {
  readonly #listeners: ((event: TorrentEvent) => void)[] = []

  onEvent(listener: (event: TorrentEvent) => void): void {
    this.#listeners.push(listener)
  }

  tell(event: TorrentEvent): void {
    for (const listener of this.#listeners) listener(event)
  }

  warn(code: string, message: string): void {
    this.tell({ type: 'warning', code, message })
  }

  /** The disk refused something that the torrent can do without. */
  diskFailed({ code, message }: DiskError): void {
    this.warn(code, message)
  }

  banned(address: PeerAddress, piece: number): void {
    const message = `${formatAddress(address)} sent bad data for piece ${piece} and is left out from now on`
    this.warn('bad-data', message)
  }

  /** Does what the torrent can do without; where the disk refuses it, that is a warning. */
  async withDiskWarning(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (!(error instanceof DiskError)) throw error
      this.diskFailed(error)
    }
  }
}
