import assert from 'node:assert/strict'
import type {
  AddOptions,
  PeerFailure,
  SessionPort,
  TorrentEvent,
  TorrentPort,
  TorrentStatus,
  UnresolvedTorrent,
} from '../../../src/cli/session/session-port.js'
import { type History, NO_HISTORY } from '../../../src/client/resume/history.js'
import type { Metainfo } from '../../../src/protocol/metainfo/metainfo.js'

/** A torrent to which happens what the test says. */
export class FakeHandle implements TorrentPort {
  readonly torrent: Metainfo | UnresolvedTorrent
  readonly options: AddOptions
  #status: TorrentStatus
  #resolved: Metainfo | undefined
  /** Of earlier sessions. */
  earlier: History = NO_HISTORY
  peerFailures: readonly PeerFailure[] = []
  isRemoved = false
  #listener: ((event: TorrentEvent) => void) | undefined
  readonly #onListening: () => void

  constructor(torrent: Metainfo | UnresolvedTorrent, options: AddOptions, onListening = () => {}) {
    this.#onListening = onListening
    this.torrent = torrent
    this.options = options
    this.#status = {
      state: 'downloading',
      done: 0,
      total: torrent.size ?? 0,
      verifiedPieces: 0,
      checkedPieces: 0,
      downRate: 0,
      upRate: 0,
      downloaded: 0,
      uploaded: 0,
      peers: 0,
      seeds: 0,
      etaSeconds: undefined,
      metadata: undefined,
      wasted: 0,
      history: NO_HISTORY,
    }
  }

  get metainfo(): Metainfo {
    if (this.#resolved !== undefined) return this.#resolved
    assert.ok('infoBytes' in this.torrent)
    return this.torrent
  }

  get status(): TorrentStatus {
    const status = this.#status
    const uploaded = this.earlier.uploaded + status.uploaded
    return { ...status, history: { ...status.history, ...this.earlier, uploaded } }
  }

  completionHandled(): void {
    this.earlier = { ...this.earlier, isCompletionHandled: true }
  }

  onEvent(listener: (event: TorrentEvent) => void): void {
    this.#listener = listener
    queueMicrotask(this.#onListening)
  }

  async remove(): Promise<void> {
    this.isRemoved = true
  }

  set(status: Partial<TorrentStatus>): void {
    this.#status = { ...this.#status, ...status }
  }

  emit(event: TorrentEvent): void {
    if (event.type === 'resolved') this.#resolved = event.metainfo
    this.#listener?.(event)
  }

  /** The download comes to its end. */
  complete(path = '/downloads/ubuntu.iso'): void {
    const { size } = this.metainfo
    this.set({ state: 'seeding', done: size, downloaded: size })
    const sha256 = new Uint8Array(32).fill(0xcd)
    this.emit({
      type: 'complete',
      path,
      seconds: 2,
      sha256,
      checksums: [{ path: 'ubuntu.iso', sha256 }],
      verified: { type: 'now' },
    })
    this.emit({ type: 'seeding', port: 6881, verified: { type: 'now' } })
  }
}

export class FakeSession implements SessionPort {
  readonly handles: FakeHandle[] = []
  isClosed = false
  /** Called with each torrent that is added. */
  onAdd: (handle: FakeHandle) => void = () => undefined

  async add(torrent: Metainfo | UnresolvedTorrent, options: AddOptions): Promise<FakeHandle> {
    const handle: FakeHandle = new FakeHandle(torrent, options, () => this.onAdd(handle))
    this.handles.push(handle)
    return handle
  }

  async stop(): Promise<void> {
    this.isClosed = true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}
