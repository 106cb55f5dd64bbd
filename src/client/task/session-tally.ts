import type { WantedPieces } from '../../engine/pick/wanted-pieces.js'
import type { Torrent } from '../../engine/torrent.js'
import type { History } from '../resume/history.js'
import type { Progress, ResumeKeeper } from '../resume/resume-keeper.js'
import type { TaskHost } from './task-host.js'

/** Bytes of content in some pieces; pads within a piece are counted with it. */
export interface PieceBytes {
  readonly all: number
  /** Of the files that are selected. */
  readonly selected: number
}

interface Transferred {
  readonly uploaded: number
  readonly downloaded: number
  /** Received twice, or in pieces that turned out bad. */
  readonly wasted: number
}

/** The counts of a session for one torrent: verified, sent and received bytes, and seeding time. */
export class SessionTally {
  readonly #host: Pick<TaskHost, 'now'>
  readonly #countsSeedingTime: boolean
  #checkedPieces = 0
  #done: PieceBytes = { all: 0, selected: 0 }
  #downloadBegan: number | undefined
  #seedingSince: number | undefined
  #seededBeforeMs = 0
  /** Of engines of this session that were replaced by another. */
  #before: Transferred = { uploaded: 0, downloaded: 0, wasted: 0 }

  /** @param countsSeedingTime whether the time for which this session seeds is remembered */
  constructor(host: Pick<TaskHost, 'now'>, countsSeedingTime: boolean) {
    this.#host = host
    this.#countsSeedingTime = countsSeedingTime
  }

  /** Pieces that were hashed to learn what is there. */
  get checkedPieces(): number {
    return this.#checkedPieces
  }

  /** Of verified pieces. */
  get done(): PieceBytes {
    return this.#done
  }

  /** Since the download began in this session; 0 where there was nothing to download. */
  get downloadSeconds(): number {
    return this.#downloadBegan === undefined ? 0 : (this.#host.now() - this.#downloadBegan) / 1_000
  }

  /** In this session, whole seconds. */
  get seedingSeconds(): number {
    const now = this.#host.now()
    return Math.floor((this.#seededBeforeMs + now - (this.#seedingSince ?? now)) / 1_000)
  }

  /** It is being found out anew what is there. */
  checking(): void {
    this.#checkedPieces = 0
    this.#done = { all: 0, selected: 0 }
  }

  pieceChecked(): void {
    this.#checkedPieces++
  }

  /** Adds newly verified bytes. */
  gained({ all, selected }: PieceBytes): void {
    this.#done = { all: this.#done.all + all, selected: this.#done.selected + selected }
  }

  lost({ all, selected }: PieceBytes): void {
    this.gained({ all: -all, selected: -selected })
  }

  downloading(): void {
    this.notSeeding()
    this.#downloadBegan ??= this.#host.now()
  }

  seeding(): void {
    this.#seedingSince ??= this.#host.now()
  }

  notSeeding(): void {
    if (this.#seedingSince === undefined) return
    this.#seededBeforeMs += this.#host.now() - this.#seedingSince
    this.#seedingSince = undefined
  }

  /** Another engine takes the place of this one: what it has counted stays. */
  engineEnded(torrent: Torrent | undefined): void {
    this.#before = this.transferred(torrent)
  }

  /**
   * Bytes in this session.
   * @param torrent undefined where no peer has come yet
   */
  transferred(torrent: Torrent | undefined): Transferred {
    const { uploaded, downloaded, wasted } = this.#before
    return {
      uploaded: uploaded + (torrent?.uploader.sent.total ?? 0),
      downloaded: downloaded + (torrent?.downloader.received.total ?? 0),
      wasted: wasted + (torrent?.downloader.wastedBytes ?? 0),
    }
  }

  /**
   * All sessions together.
   * @param torrent as for `transferred`
   */
  history(resume: ResumeKeeper, torrent: Torrent | undefined): History {
    const { uploaded, downloaded } = this.transferred(torrent)
    return resume.historyWith({ uploaded, downloaded, seedingSeconds: this.seedingSeconds })
  }

  /**
   * The totals to be saved.
   * @param torrent as for `transferred`
   */
  progress(wanted: WantedPieces, torrent: Torrent | undefined): Progress {
    const { uploaded, downloaded } = this.transferred(torrent)
    return {
      wanted,
      uploaded,
      downloaded,
      seedingSeconds: this.#countsSeedingTime ? this.seedingSeconds : 0,
    }
  }
}
