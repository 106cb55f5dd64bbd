import { setImmediate as nextTurn } from 'node:timers/promises'
import { inBursts } from '../../base/bursts.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import type { CommandContext } from '../command-context.js'
import { CliError } from '../errors/cli-error.js'
import type { StopSignal } from '../output/stop-signal.js'
import type { AddOptions, SessionPort, UnresolvedTorrent } from '../session/session-port.js'
import { infoHashOf } from '../torrents/torrent-facts.js'
import { percentOf } from '../view/progress-line.js'
import type { ProgressView } from '../view/progress-view.js'
import { Transfer } from './transfer.js'

const TICK_MS = 1000

/** Torrents that tell their progress each second although nothing moves; where there are more they take turns. */
const REPEATED_A_TICK = 100

/** Torrents that are added, or stopped, in one turn of the event loop. */
const A_TURN = 100

/** Torrents that look each second where they stand, in one turn: some milliseconds. */
const TICKED_A_TURN = 1_000

export interface TransferPlan {
  readonly torrent: Metainfo | UnresolvedTorrent
  readonly options: AddOptions
}

export interface TransferSettings {
  /** Whether each torrent is left as soon as it is complete. */
  readonly exitWhenComplete: boolean
  /** How long nothing may move before a download is given up. */
  readonly timeoutSeconds?: number | undefined
  /** A command for the shell, run after each download. */
  readonly onComplete?: string | undefined
}

/** The session and the terminal of one command. */
export interface TransferHost {
  /** Called with the first torrent, if there is any; the session is closed at the end. */
  openSession(): Promise<SessionPort>
  readonly stop: StopSignal
  readonly view: ProgressView
}

/** All torrents of a `get` or a `seed`. */
export class Transfers {
  readonly #context: CommandContext
  readonly #transfers: Transfer[] = []
  #hasAllPlans = false
  /** The first of those that tell their progress in this tick although nothing has changed. */
  #repeatFrom = 0

  constructor(context: CommandContext) {
    this.#context = context
  }

  /** Whether a download would be left before it is complete. */
  get isUnfinished(): boolean {
    return !this.#hasAllPlans || this.#transfers.some(transfer => transfer.isUnfinished)
  }

  /**
   * Runs torrents, each from when its plan is there or soon after, until every one has reached its goal or failed, or the user stops them
   * all. Errors are told as they happen, and the context has the exit status afterwards.
   */
  async run(
    plans: Iterable<TransferPlan> | AsyncIterable<TransferPlan>,
    settings: TransferSettings,
    host: TransferHost,
  ): Promise<void> {
    const { signal } = host.stop
    const stopAll = (): void => void this.#stopAll()
    signal.addEventListener('abort', stopAll)
    const timer = setInterval(() => void this.#tick(), TICK_MS)
    let session: SessionPort | undefined
    try {
      const following: Promise<void>[] = []
      for await (const burst of inBursts(plans)) {
        session ??= await host.openSession()
        for (const plan of burst) {
          if (signal.aborted && following.length > 0) break
          // With thousands of them others have their turn in between.
          if (following.length % A_TURN === A_TURN - 1) await nextTurn()
          await this.#context.output.ready(signal)
          const transfer = await this.#begin(plan, settings, session)
          if (transfer === undefined) continue
          if (signal.aborted) transfer.stop()
          const followed = this.#follow(transfer, host.view)
          // It is heard below, once all plans are there.
          followed.catch(() => {})
          following.push(followed)
        }
      }
      this.#hasAllPlans = true
      await Promise.all(following)
    } finally {
      signal.removeEventListener('abort', stopAll)
      clearInterval(timer)
      await session?.[Symbol.asyncDispose]()
    }
  }

  async #stopAll(): Promise<void> {
    for (const [index, transfer] of this.#transfers.entries()) {
      if (index % A_TURN === A_TURN - 1) await nextTurn()
      transfer.stop()
    }
  }

  async #tick(): Promise<void> {
    const now = performance.now()
    const count = this.#transfers.length
    const first = this.#repeatFrom
    this.#repeatFrom = (first + REPEATED_A_TICK) % Math.max(1, count)
    for (const [index, transfer] of this.#transfers.entries()) {
      if (index % TICKED_A_TURN === TICKED_A_TURN - 1) await nextTurn()
      transfer.tick(now, (index - first + count) % count < REPEATED_A_TICK)
    }
  }

  /** Undefined where the session does not take the torrent, which is told. */
  async #begin(
    plan: TransferPlan,
    { onComplete, ...whenToLeave }: TransferSettings,
    session: SessionPort,
  ): Promise<Transfer | undefined> {
    const { torrent, options } = plan
    const { dir, mode } = options
    const { output } = this.#context
    try {
      const transfer = new Transfer(await session.add(torrent, options), this.#context, {
        mode,
        ...whenToLeave,
        sources: {
          hasTrackers: [
            ...(options.useTrackers === false ? [] : torrent.trackers),
            ...(options.trackers ?? []),
          ].some(tier => tier.length > 0),
          hasPeers: (options.peers ?? []).length > 0,
          hasWebSeeds: torrent.webSeeds.length > 0,
        },
        now: performance.now(),
        onComplete:
          onComplete === undefined
            ? undefined
            : async (path, metainfo) => {
                const { runOnComplete } = await import('./on-complete.js')
                return await runOnComplete(onComplete, { metainfo, dir, path }, output)
              },
      })
      this.#transfers.push(transfer)
      return transfer
    } catch (error) {
      // The others are still worth something.
      this.#context.fail(error, infoHashOf(torrent))
      return undefined
    }
  }

  async #follow(transfer: Transfer, view: ProgressView): Promise<void> {
    view.add(transfer)
    const reason = await transfer.ended
    view.remove(transfer)
    const { name, isUnfinished, infoHash } = transfer
    if (reason === 'signal' && isUnfinished) {
      const snapshot = transfer.snapshot()
      const isAtWork = snapshot.activity === 'checking' || snapshot.activity === 'verifying'
      const when =
        isAtWork || snapshot.type === 'metadata' ? `while ${snapshot.activity}` : `at ${percentOf(snapshot)}`
      const what = `${name}: stopped ${when}`
      this.#context.fail(new CliError('stopped', what, { subject: name }), infoHash)
    }
    await transfer.leave(reason)
  }
}
