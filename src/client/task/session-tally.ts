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

/** What a session counts for one torrent: the bytes that are here, those that were sent and received, and for how long. */
export class SessionTally {
  readonly #host: Pick<TaskHost, 'now'>
  readonly #countsSeedingTime: boolean
  #checkedPieces = 0
  #done: PieceBytes = { all: 0, selected: 0 }
  #downloadBegan: number | undefined
  #seedingSince: number | undefined
  #seededBeforeMs = 0

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

  pieceChecked(): void {
    this.#checkedPieces++
  }

  /** So many bytes of content are verified, besides those that were. */
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

  /**
   * All sessions together.
   * @param torrent undefined where no peer has come yet
   */
  history(resume: ResumeKeeper, torrent: Torrent | undefined): History {
    const { uploaded, downloaded } = transferred(torrent)
    return resume.historyWith({ uploaded, downloaded, seedingSeconds: this.seedingSeconds })
  }

  /**
   * What is to be remembered.
   * @param torrent undefined where no peer has come yet
   */
  progress(wanted: WantedPieces, torrent: Torrent | undefined): Progress {
    return {
      wanted,
      ...transferred(torrent),
      seedingSeconds: this.#countsSeedingTime ? this.seedingSeconds : 0,
    }
  }
}

/** Bytes in this session. */
function transferred(torrent: Torrent | undefined): { uploaded: number; downloaded: number } {
  return {
    uploaded: torrent?.uploader.sent.total ?? 0,
    downloaded: torrent?.downloader.received.total ?? 0,
  }
}
