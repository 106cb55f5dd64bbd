import { reasonOf } from '../base/errors.js'
import { EXIT, type ExitStatus, verdictOf, worse } from './errors/exit-codes.js'
import type { ParsedOptions } from './options/option-table.js'
import { Output, shortMessage } from './output/output.js'
import { StopSignal } from './output/stop-signal.js'

/** The surroundings of a command: its output, its failures, and the signal to stop. */
export class CommandContext {
  readonly output: Output
  #status: ExitStatus = EXIT.done

  constructor(output: Output) {
    this.output = output
  }

  /** The context of this process. An uncaught error ends it with one line, too. */
  static open({ json, quiet, color }: ParsedOptions<'global'>): CommandContext {
    const { stdout, stderr, env } = process
    const context = new CommandContext(new Output({ stdout, stderr, env, json, quiet, color }))
    process.on('uncaughtException', error => {
      context.fail(error)
      process.exit(context.status)
    })
    return context
  }

  /** The exit status of the process: that of the worst failure, else 0. */
  get status(): ExitStatus {
    return this.#status === EXIT.done && this.output.hasFailed ? EXIT.disk : this.#status
  }

  /**
   * Tells an error in one line (and as an object with `--json`), and remembers its exit status. A command may go on after
   * that: with several sources the others are still worth something.
   */
  fail(error: unknown, infoHash?: string): void {
    const { status, hint } = verdictOf(error)
    const message = hint === undefined ? reasonOf(error) : `${reasonOf(error)}: ${hint}`
    const code =
      error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'defect'
    const about = infoHash === undefined ? {} : { infoHash }
    this.output.event({ type: 'error', ...about, code, message: shortMessage(message) })
    this.output.error(message)
    if (process.env.DEBUG && error instanceof Error) this.output.trace(stackWithCauses(error))
    this.#status = worse(this.#status, status)
  }

  /** Takes over Ctrl-C for as long as the command runs; pressed twice, it leaves at once. */
  stopOnSignals(): StopSignal {
    return new StopSignal({
      onFirst: () => this.output.note('stopping; press Ctrl-C again to quit at once'),
      onSecond: () => process.exit(EXIT.leftAtOnce),
    })
  }
}

function stackWithCauses(error: Error): string {
  const stack = error.stack ?? error.message
  return error.cause instanceof Error ? `${stack}\ncaused by: ${stackWithCauses(error.cause)}` : stack
}
