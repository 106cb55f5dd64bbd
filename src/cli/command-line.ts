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
 * Runs the command line `args` and sets the exit status of the process. Modules that `--help` does not need are loaded later, so that
 * it answers at once.
 */
export async function runCommandLine(args: readonly string[]): Promise<void> {
  let globals = (): ParsedOptions<'global'> => DEFAULTS
  let context: CommandContext | undefined
  // Opened late, since the options for colours and JSON have to be parsed first.
  const begin = async (): Promise<CommandContext> => {
    context ??= (await import('./command-context.js')).CommandContext.open(globals())
    return context
  }
  process.on('exit', () => {
    process.exitCode ||= context?.status
  })
  // Help is written before there is an `Output`, which would handle a closed pipe.
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

/** Commander's error about a wrong command line, on one line and with a hint; undefined if it showed help. */
function usageError(error: CommanderError, args: readonly string[]): CliError | undefined {
  if (error.exitCode === 0) return undefined
  const what = error.code === 'commander.help' ? withoutCommand(args) : oneLine(error.message)
  const typed = COMMANDS.find(row => args.includes(row.name))?.name
  const subject = typed === undefined ? 'torrent' : `torrent ${typed}`
  return new CliError('usage', `${what}: see \`${subject} --help\``, { subject })
}

/** The reason why help was shown unasked. */
function withoutCommand(args: readonly string[]): string {
  const [help, command] = args.filter(arg => !arg.startsWith('-'))
  return help === 'help' && command !== undefined ? `unknown command '${command}'` : 'no command was given'
}

function oneLine(message: string): string {
  // The message repeats the arguments, and an address may have a password in it.
  return withoutUserInfos(message)
    .replace(/^error: /, '')
    .replaceAll('\n', ' ')
    .replace(/\.$/, '')
}
