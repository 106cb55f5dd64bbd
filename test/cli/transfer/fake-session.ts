import type {
  AddOptions,
  PeerFailure,
  SessionPort,
  TorrentEvent,
  TorrentPort,
  TorrentStatus,
} from '../../../src/cli/session/session-port.js'
import { type History, NO_HISTORY } from '../../../src/client/resume/history.js'
import type { Metainfo } from '../../../src/protocol/metainfo/metainfo.js'

/** A torrent to which happens what the test says. */
export class FakeHandle implements TorrentPort {
  readonly metainfo: Metainfo
  readonly options: AddOptions
  #status: TorrentStatus
  /** Of earlier sessions. */
  earlier: History = NO_HISTORY
  peerFailures: readonly PeerFailure[] = []
  isRemoved = false
  #listener: ((event: TorrentEvent) => void) | undefined
  readonly #onListening: () => void

  constructor(metainfo: Metainfo, options: AddOptions, onListening = () => {}) {
    this.#onListening = onListening
    this.metainfo = metainfo
    this.options = options
    this.#status = {
      state: 'downloading',
      done: 0,
      total: metainfo.size,
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

  async add(metainfo: Metainfo, options: AddOptions): Promise<FakeHandle> {
    const handle: FakeHandle = new FakeHandle(metainfo, options, () => this.onAdd(handle))
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
