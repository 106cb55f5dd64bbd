import type { Bitfield } from '../../base/bitfield.js'
import type { PieceMap } from '../../protocol/metainfo/piece-map.js'
import type { Progress, ResumeKeeper } from '../resume/resume-keeper.js'
import type { Running } from './running.js'
import type { TaskHost } from './task-host.js'
import { statusOf } from './task-status.js'
import type { TorrentState, TorrentStatus } from './torrent-events.js'

export interface TallyParts {
  readonly map: PieceMap
  /** Bytes of content. */
  readonly total: number
  readonly resume: ResumeKeeper
  /** Whether the time for which this session seeds is remembered. */
  readonly countsSeedingTime: boolean
  readonly host: Pick<TaskHost, 'now'>
}

/** What a session counts for one torrent: the bytes that are here, those that were sent and received, and for how long. */
export class SessionTally {
  readonly #parts: TallyParts
  #checkedPieces = 0
  /** Of verified pieces. */
  #doneBytes = 0
  #downloadBegan: number | undefined
  #seedingSince: number | undefined

  constructor(parts: TallyParts) {
    this.#parts = parts
  }

  /** Bytes of content that are missing. */
  get left(): number {
    return this.#parts.total - this.#doneBytes
  }

  /** Since the download began in this session; 0 where there was nothing to download. */
  get downloadSeconds(): number {
    return this.#downloadBegan === undefined ? 0 : (this.#parts.host.now() - this.#downloadBegan) / 1_000
  }

  /** A piece was hashed to learn what is there. */
  pieceChecked(): void {
    this.#checkedPieces++
  }

  /** It is known what is there. */
  checked(have: Bitfield): void {
    const { map, total } = this.#parts
    if (have.isFull) this.#doneBytes = total
    else for (const piece of have) this.#doneBytes += map.dataSize(piece)
  }

  pieceVerified(piece: number): void {
    this.#doneBytes += this.#parts.map.dataSize(piece)
  }

  pieceLost(piece: number): void {
    this.#doneBytes -= this.#parts.map.dataSize(piece)
  }

  downloading(): void {
    this.#downloadBegan ??= this.#parts.host.now()
  }

  seeding(): void {
    this.#seedingSince = this.#parts.host.now()
  }

  /** @param running undefined until it is known what is there */
  status(state: TorrentState, running: Running | undefined): TorrentStatus {
    const { resume, total, host } = this.#parts
    return statusOf({
      state,
      have: running?.have,
      torrent: running?.swarm.awakeTorrent,
      total,
      doneBytes: this.#doneBytes,
      checkedPieces: this.#checkedPieces,
      history: resume.historyWith(this.#counts(running, this.#seededSeconds)),
      now: host.now(),
    })
  }

  /** What is to be remembered. */
  progress(running: Running): Progress {
    const seedingSeconds = this.#parts.countsSeedingTime ? this.#seededSeconds : 0
    return { have: running.have, ...this.#counts(running, seedingSeconds) }
  }

  #counts(running: Running | undefined, seedingSeconds: number): Omit<Progress, 'have'> {
    const torrent = running?.swarm.awakeTorrent
    return {
      uploaded: torrent?.uploader.sent.total ?? 0,
      downloaded: torrent?.downloader.received.total ?? 0,
      seedingSeconds,
    }
  }

  get #seededSeconds(): number {
    if (this.#seedingSince === undefined) return 0
    return Math.floor((this.#parts.host.now() - this.#seedingSince) / 1_000)
  }
}
