import { CodedError } from '../../base/errors.js'
import { formatAddress, type PeerAddress } from '../../protocol/peer-address.js'
import { checkPeers } from './check-add-options.js'
import type { LifeSteps } from './life-steps.js'
import {
  activeState,
  contentOf,
  fetchOf,
  isEnded,
  type PausedState,
  type WorkingState,
  workingState,
} from './task-state.js'
import { nameOf } from './unresolved-torrent.js'

export type CommandErrorCode =
  /** The torrent was stopped, or has failed. */
  | 'ended'
  /** Its metainfo is not known yet. */
  | 'no-metainfo'

/** A torrent is in a state in which it cannot do what it was told to. */
export class CommandError extends CodedError<CommandErrorCode, { name: string }> {}

/** `unchanged`: the torrent was in that state already. */
export type CommandOutcome = 'done' | 'unchanged'

/** Peers that programs named and that are remembered for when they can be connected to. */
const MAX_NAMED_PEERS = 2_000

/**
 * The commands that a program gives to a torrent. Those of one torrent that take time run one after the other, each from the state that the
 * one before has led to; `TorrentLife` says which state leads to which.
 */
export class TaskCommands {
  readonly #life: LifeSteps
  #last: Promise<CommandOutcome> | undefined

  constructor(life: LifeSteps) {
    this.#life = life
  }

  /** As `TorrentTask.pause`. */
  async pause(): Promise<CommandOutcome> {
    return await this.#inTurn(async () => {
      const state = this.#assertLive()
      if (state.type === 'paused') return 'unchanged'
      await this.#life.suspend(state, 'paused')
      await this.#life.left
      this.#assertLive()
      return 'done'
    })
  }

  /** As `TorrentTask.resume`. */
  async resume(): Promise<CommandOutcome> {
    return await this.#inTurn(async () => {
      await this.#life.left
      const state = this.#assertLive()
      if (state.type === 'checking' && state.next === 'paused') this.#life.staysActive()
      else if (state.type === 'paused') this.#life.goOn(state.from)
      else return 'unchanged'
      return 'done'
    })
  }

  /** As `TorrentTask.recheck`. */
  async recheck(): Promise<CommandOutcome> {
    return await this.#inTurn(async () => {
      const state = this.#assertLive()
      const content = contentOf(state)
      if (content === undefined) throw this.#refusal('no-metainfo', 'its metainfo is not known yet')
      const isPaused = state.type === 'paused' || (state.type === 'checking' && state.next === 'paused')
      if (state.type !== 'paused') await this.#life.suspend(state, 'checking')
      this.#assertLive()
      // The engine is made anew once it is known which pieces are there.
      this.#life.parts.tally.engineEnded(activeState(state)?.joined.swarm.awakeTorrent)
      this.#life.goOn({
        type: 'checking',
        content,
        how: 'recheck',
        next: isPaused ? 'paused' : 'active',
        fetch: undefined,
      })
      return 'done'
    })
  }

  /** As `TorrentTask.addPeers`. */
  addPeers(peers: readonly PeerAddress[]): void {
    checkPeers(peers)
    const state = this.#assertLive()
    const life = this.#life
    const named = new Map([...life.peers, ...peers].map(peer => [formatAddress(peer), peer]))
    life.peers = [...named.values()].slice(-MAX_NAMED_PEERS)
    if (state.type === 'active') state.joined.addPeers(peers)
    else fetchOf(state)?.addPeers(peers)
  }

  /** As `TorrentTask.completionHandled`. */
  completionHandled(): void {
    const { state } = this.#life
    const content = contentOf(state)
    if (content !== undefined) content.resume.isCompletionHandled = true
    const active = activeState(state)
    if (active !== undefined && !isEnded(state)) void active.content.resume.save(active.joined.progress)
  }

  /** Resolves when the commands given so far have ended, however that was. */
  async settled(): Promise<void> {
    await this.#last?.catch(() => {})
  }

  #inTurn(command: () => Promise<CommandOutcome>): Promise<CommandOutcome> {
    const running = this.settled().then(command)
    this.#last = running
    return running
  }

  /** @throws {CommandError} `ended` */
  #assertLive(): WorkingState | PausedState {
    const { state } = this.#life
    if (!isEnded(state)) return state
    throw this.#refusal('ended', state.type === 'error' ? 'it has failed' : 'it was stopped')
  }

  #refusal(code: CommandErrorCode, why: string): CommandError {
    const state = workingState(this.#life.state)
    const name = nameOf(state.type === 'metadata' ? state.torrent : state.content.metainfo)
    return new CommandError(code, `${name}: ${why}`, { name })
  }
}
