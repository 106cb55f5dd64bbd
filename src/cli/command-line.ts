import { CommanderError } from '@commander-js/extra-typings'
import { withoutUserInfos } from '../base/shown-url.js'
import { VERSION } from '../base/version.js'
import type { CommandContext } from './command-context.js'
import { COMMANDS } from './commands.js'
import { CliError } from './errors/cli-error.js'
import { EXIT } from './errors/exit-codes.js'
import { isBrokenPipe } from './errors/system-reason.js'
import type { ParsedOptions } from './options/option-table.js'
import { buildProgram } from './program.js'

/** Until the command line is parsed. */
const DEFAULTS: ParsedOptions<'global'> = { json: false, quiet: false, color: true }

/**
 * Runs the command line `args` and sets the exit status of the process. What `--help` does not need is loaded later: it is
 * to answer at once.
 */
export async function runCommandLine(args: readonly string[]): Promise<void> {
  let globals = (): ParsedOptions<'global'> => DEFAULTS
  let context: CommandContext | undefined
  // Opened late: before everything is parsed nobody knows whether colours and JSON are wanted.
  const begin = async (): Promise<CommandContext> => {
    context ??= (await import('./command-context.js')).CommandContext.open(globals())
    return context
  }
  process.on('exit', () => {
    process.exitCode ||= context?.status
  })
  // Help is written before there is an `Output` that knows what a reader who has gone means.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', error => {
      if (!isBrokenPipe(error)) process.exitCode ||= EXIT.disk
    })
  }
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
  const what = error.code === 'commander.help' ? withoutCommand(args) : oneLine(error.message)
  const typed = COMMANDS.find(row => args.includes(row.name))?.name
  const subject = typed === undefined ? 'torrent' : `torrent ${typed}`
  return new CliError('usage', `${what}: see \`${subject} --help\``, { subject })
}

/** Why help was shown that nobody asked for. */
function withoutCommand(args: readonly string[]): string {
  const [help, command] = args.filter(arg => !arg.startsWith('-'))
  return help === 'help' && command !== undefined ? `unknown command '${command}'` : 'no command was given'
}

function oneLine(message: string): string {
  // What was typed is repeated there, and may be an address with a password.
  return withoutUserInfos(message)
    .replace(/^error: /, '')
    .replaceAll('\n', ' ')
    .replace(/\.$/, '')
}
