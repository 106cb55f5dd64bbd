import { CommanderError } from '@commander-js/extra-typings'
import { VERSION } from '../base/version.js'
import { CliError } from './cli-error.js'
import type { CommandContext, GlobalOptions } from './command-context.js'
import { COMMANDS } from './commands.js'
import { buildProgram } from './program.js'

const DEFAULTS: GlobalOptions = { color: true }

/**
 * Runs the command line `args` (without node and the script) and sets the exit status of the process. What `--version` and
 * `--help` do not need is loaded later: they are to answer at once.
 */
export async function main(args: readonly string[]): Promise<void> {
  let globals = (): GlobalOptions => DEFAULTS
  let context: CommandContext | undefined
  // Opened late: before everything is parsed nobody knows whether colours and JSON are wanted.
  const begin = async (): Promise<CommandContext> => {
    context ??= (await import('./command-context.js')).CommandContext.open(globals())
    return context
  }
  process.on('exit', () => {
    process.exitCode ||= context?.status
  })
  try {
    const program = await buildProgram(COMMANDS, args, VERSION, begin)
    globals = program.globals
    await program.command.parseAsync(args, { from: 'user' })
  } catch (error) {
    const failure = error instanceof CommanderError ? usageError(error, args) : error
    if (failure !== undefined) (await begin()).fail(failure)
  }
}

/** What commander says about a wrong command line, on one line and with a hint; undefined where it showed help. */
function usageError(error: CommanderError, args: readonly string[]): CliError | undefined {
  if (error.exitCode === 0) return undefined
  const isHelp = error.code === 'commander.help'
  const what = isHelp ? 'no command was given' : error.message.replace(/^error: /, '').replaceAll('\n', ' ')
  const typed = COMMANDS.find(row => args.includes(row.name))?.name
  const subject = typed === undefined ? 'torrent' : `torrent ${typed}`
  return new CliError('usage', `${what}: see \`${subject} --help\``, { subject })
}
