import { toHex } from '../../base/bytes.js'
import { unreachable } from '../../base/errors.js'
import { printable } from '../../base/printable.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import type { CommandContext } from '../command-context.js'
import { CliError } from '../errors/cli-error.js'
import type { StopReason } from '../output/json-events.js'
import type { Goal, TorrentEvent, TorrentPort, TorrentStatus } from '../session/session-port.js'
import { factsOf, hasMetainfo, infoHashOf, shownNameOf } from '../torrents/torrent-facts.js'
import { formatBytes, formatDuration, formatRate } from '../values/units.js'
import type { ProgressRow, ProgressSnapshot } from '../view/progress-view.js'
import { counted } from '../view/text.js'
import { checksumFacts, isSameProgress, metadataFacts, progressFacts, ratioFact } from './event-facts.js'
import { failuresInWords } from './peer-failures.js'
import { ratioOf } from './ratio.js'
import { snapshotOf } from './snapshot.js'
import { Stillness } from './stillness.js'
import { verifiedText } from './verified-text.js'
import { type PeerSources, Waiting } from './waiting.js'

export interface TransferOptions {
  readonly mode: 'get' | 'seed'
  /** True to leave it as soon as it is complete; else it is left at its goals, or when the user stops it. */
  readonly exitWhenComplete: boolean
  /** The download is given up after this long without progress. */
  readonly timeoutSeconds?: number | undefined
  readonly sources: PeerSources
  /** Run once for a completed download, before the torrent is left or seeded on; whether that went well. */
  readonly onComplete?: ((path: string, metainfo: Metainfo) => Promise<boolean>) | undefined
  /** Milliseconds of a clock that goes forward. */
  readonly now: number
}

type Completion = Extract<TorrentEvent, { type: 'complete' }>

/** One torrent of `get` or `seed`: tells what happens to it, and knows when it is to be left. */
export class Transfer implements ProgressRow {
  /** The first that is known of v1 and v2: one for all events, also where the metainfo has both. */
  readonly infoHash: string
  /** Why it ended. It never rejects: what failed was told already. */
  readonly ended: Promise<StopReason>
  readonly #torrent: TorrentPort
  #metainfo: Metainfo | undefined
  readonly #context: CommandContext
  readonly #options: TransferOptions
  readonly #stillness: Stillness
  readonly #waiting: Waiting
  /** By their codes, the warnings that were told last. */
  readonly #warnings = new Map<string, string>()
  /** The status that the last `progress` event reported. */
  #told: TorrentStatus | undefined
  #resolveEnded: (reason: StopReason) => void = () => undefined
  #isEnded = false
  #isComplete = false
  /** Whether it is complete, and all that was to be done then is done. */
  #isSettled: boolean
  #goal: Goal | undefined

  constructor(torrent: TorrentPort, context: CommandContext, options: TransferOptions) {
    this.infoHash = infoHashOf(torrent.torrent)
    this.#torrent = torrent
    this.#context = context
    this.#options = options
    this.#isSettled = options.mode === 'seed'
    this.#stillness = new Stillness(options.now)
    this.#waiting = new Waiting(options.sources)
    this.ended = new Promise(resolve => {
      this.#resolveEnded = resolve
    })
    if (hasMetainfo(torrent.torrent)) this.#added(torrent.torrent)
    torrent.onEvent(event => this.#take(event))
  }

  /** A hint until the metainfo is known. */
  get name(): string {
    return shownNameOf(this.#metainfo ?? this.#torrent.torrent)
  }

  /** Whether a download would be left before it is complete. */
  get isUnfinished(): boolean {
    return this.#options.mode === 'get' && !this.#isComplete
  }

  snapshot(): ProgressSnapshot {
    return snapshotOf(this.#torrent.status, this.#metainfo?.pieceLength ?? 0)
  }

  /**
   * Called every second: tells the progress, and looks whether the download stands still.
   * @param repeats whether to tell it also where nothing has changed
   */
  tick(now: number, repeats: boolean): void {
    if (this.#isEnded) return
    const { status } = this.#torrent
    if (this.#context.output.isJson && (repeats || !isSameProgress(status, this.#told))) {
      if (status.state === 'metadata') this.#tellMetadata(status)
      else this.#tellProgress(status)
    }
    if (!this.#isComplete) this.#mindStillness(now, status)
  }

  /** Ends it from outside. */
  stop(): void {
    this.#end('signal')
  }

  /** Takes it out of the session, and says that this was it. */
  async leave(reason: StopReason): Promise<void> {
    await this.#torrent.remove()
    const { status } = this.#torrent
    const { downloaded, uploaded } = status
    if (uploaded > 0) {
      const ratio = ratioOf(status)
      const inAll = ratio === undefined ? '' : `, ratio ${ratio.toFixed(2)}`
      this.#context.output.note(`${this.name}: ${formatBytes(uploaded)} uploaded${inAll}`)
    }
    const totals = { downloaded, uploaded, ...ratioFact(status) }
    this.#context.output.event({ type: 'stopped', infoHash: this.infoHash, reason, ...totals })
  }

  #end(reason: StopReason): void {
    this.#isEnded = true
    this.#resolveEnded(reason)
  }

  #take(event: TorrentEvent): void {
    const { output } = this.#context
    const { infoHash } = this
    switch (event.type) {
      case 'metadata':
        if (output.isJson) this.#tellMetadata(this.#torrent.status)
        return
      case 'resolved':
        for (const warning of event.metainfo.warnings) output.warn('metainfo', warning, this)
        this.#added(event.metainfo)
        return
      case 'paused':
        // A command pauses none.
        return
      case 'checking':
        output.event({ type: 'checking', infoHash })
        return
      case 'downloading':
        if (this.#waiting.problem !== undefined) this.#warn('no-sources', this.#waiting.problem)
        return
      case 'complete':
        this.#complete(event)
        return
      case 'goal-reached':
        this.#goal = event.goal
        this.#leaveAtGoal()
        return
      case 'seeding':
        this.#isComplete = true
        // Where it leaves at once, or as soon as `--on-complete` has run, nothing is seeded.
        if (this.#isEnded || this.#options.exitWhenComplete) return
        output.event({ type: 'seeding', infoHash, port: event.port })
        output.note(`${this.name}: seeding on port ${event.port}, Ctrl-C stops`)
        if (this.#options.mode === 'seed') output.note(`${this.name}: ${verifiedText(event.verified)}`)
        return
      case 'warning':
        this.#warn(event.code, event.message)
        return
      case 'error':
        this.#context.fail(event.error, infoHash)
        this.#end('error')
        return
      default:
        unreachable(event)
    }
  }

  #added(metainfo: Metainfo): void {
    this.#metainfo = metainfo
    const { output } = this.#context
    if (output.isJson) output.event({ type: 'added', infoHash: this.infoHash, ...factsOf(metainfo) })
  }

  #warn(code: string, message: string): void {
    if (this.#warnings.get(code) === message) return
    this.#warnings.set(code, message)
    this.#context.output.warn(code, message, this)
  }

  #tellMetadata(status: TorrentStatus): void {
    this.#told = status
    const { infoHash } = this
    this.#context.output.event({
      type: 'metadata',
      infoHash,
      ...metadataFacts(this.#torrent.torrent, status),
    })
  }

  #tellProgress(status: TorrentStatus): void {
    this.#told = status
    this.#context.output.event({ type: 'progress', infoHash: this.infoHash, ...progressFacts(status) })
  }

  #complete(event: Completion): void {
    if (this.#isComplete) return
    this.#isComplete = true
    const metainfo = this.#metainfo
    if (this.#options.mode === 'seed' || metainfo === undefined) return
    const { path, seconds, sha256, checksums } = event
    // Progress always ends with the final figures, even if the download was short.
    this.#tellProgress(this.#torrent.status)
    const { output } = this.#context
    output.event({
      type: 'complete',
      infoHash: this.infoHash,
      path,
      seconds,
      ...(sha256 === undefined ? {} : { sha256: toHex(sha256) }),
      ...(checksums.length === 0 || !output.isJson ? {} : { checksums: checksumFacts(checksums, metainfo) }),
    })
    output.result(completionLine(event, this.#torrent.status))
    const { onComplete } = this.#options
    if (onComplete === undefined || this.#torrent.status.history.isCompletionHandled) this.#settle()
    else this.#settleAfter(onComplete(path, metainfo))
  }

  /** A command that failed is run again when the torrent is started the next time. */
  #settleAfter(running: Promise<boolean>): void {
    running.then(
      isDone => {
        if (isDone) this.#torrent.completionHandled()
        this.#settle()
      },
      error => {
        this.#context.fail(error, this.infoHash)
        this.#end('error')
      },
    )
  }

  #settle(): void {
    this.#isSettled = true
    this.#leaveAtGoal()
  }

  #leaveAtGoal(): void {
    if (!this.#isSettled) return
    if (this.#options.exitWhenComplete) this.#end('complete')
    else if (this.#goal !== undefined) this.#end(this.#goal)
  }

  /** A download that stands still says why, and is given up after `--timeout`. */
  #mindStillness(now: number, status: TorrentStatus): void {
    const { timeoutSeconds } = this.#options
    const still = this.#stillness.secondsAt(now, status)
    const hasWarned = this.#warnings.size > 0
    const failures = this.#torrent.peerFailures
    const line = this.#waiting.lineAfter(still, status, { hasWarned, failures })
    if (line !== undefined) this.#context.output.note(`${this.name}: ${line}`)
    if (timeoutSeconds === undefined || still < timeoutSeconds) return
    const isFetching = status.state === 'metadata'
    const why = isFetching ? `: ${this.#waiting.whyNoMetadata(status)}` : ''
    const what = `${this.name}: ${isFetching ? 'no metadata' : 'nothing moved'} for ${formatDuration(timeoutSeconds)}${why}`
    const error =
      failures.length === 0 || status.peers > 0
        ? new CliError('nothing-moved', what, { subject: this.name })
        : new CliError('peers-failed', `${what}: ${failuresInWords(failures)}`, { subject: this.name })
    this.#context.fail(error, this.infoHash)
    this.#end('error')
  }
}

/** `saved /x/ubuntu.iso: 4.71 GiB in 1m 12s, 66.9 MiB/s, sha256 …`; `complete …` where nothing had to come. */
function completionLine(
  { path, seconds, sha256, checksums, verified }: Completion,
  status: TorrentStatus,
): string {
  const isFresh = status.downloaded > 0
  const figures = [formatBytes(status.total) + (isFresh ? ` in ${formatDuration(seconds)}` : '')]
  if (isFresh && seconds > 0) figures.push(formatRate(status.downloaded / seconds))
  if (sha256 !== undefined) figures.push(`sha256 ${toHex(sha256)}`)
  else if (checksums.length > 0 && verified.type === 'now')
    figures.push(`sha256 of ${counted(checksums.length, 'file')} verified`)
  if (verified.type !== 'now') figures.push(`${isFresh ? 'the rest ' : ''}${verifiedText(verified)}`)
  return `${isFresh ? 'saved' : 'complete'} ${printable(path)}: ${figures.join(', ')}`
}
