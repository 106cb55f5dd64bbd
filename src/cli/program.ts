import { styleText } from 'node:util'
import { Command } from '@commander-js/extra-typings'
import type { CommandContext } from './command-context.js'
import { addGlobalOptions } from './options/add-options.js'
import type { CommandName } from './options/option-row.js'
import type { ParsedOptions } from './options/option-table.js'
import { refuseConflicts } from './options/refuse-conflicts.js'

export type { Command }

/** Called by the action of a command, once everything is parsed. */
export type Begin = () => Promise<CommandContext>

/** Gives a command its arguments, options and action. */
export type DefineCommand = (command: Command, begin: Begin) => void

/** A command as the list of commands shows it; the rest of it is loaded when it is the one that was typed. */
export interface CommandRow {
  readonly name: CommandName
  readonly summary: string
  load(): Promise<DefineCommand>
}

export interface Program {
  readonly command: Command
  globals(): ParsedOptions<'global'>
}

const EXAMPLES = `
Examples:
  torrent make ubuntu.iso -t http://tracker.example.org:6969/announce
  torrent get ubuntu.iso.torrent -d ~/Downloads
  torrent seed ubuntu.iso.torrent -d ~/Downloads

Exit codes:
  0  done                                4  network
  1  internal error: a bug in torrent    5  data failed verification
  2  wrong usage                         6  disk or port
  3  bad torrent, magnet link or hash    7  stopped before it was complete
                                       130  Ctrl-C twice`

/** Help is printed before the options are known to anybody else. */
const COLOURLESS = { getOutHasColors: () => false, getErrHasColors: () => false }

/** The command line: the command that `args` names, or all of them as they are listed where it names none. */
export async function buildProgram(
  rows: readonly CommandRow[],
  args: readonly string[],
  version: string,
  begin: Begin,
): Promise<Program> {
  const program = addGlobalOptions(new Command('torrent'))
    .description('A BitTorrent client for the terminal.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .exitOverride()
    .configureOutput({ outputError: () => undefined, ...(args.includes('--no-color') ? COLOURLESS : {}) })
    .configureHelp({
      showGlobalOptions: true,
      // The table's texts state their defaults and choices already.
      optionDescription: option => option.description,
      subcommandTerm: command => command.name(),
      styleTitle: title => styleText('bold', title, { validateStream: false }),
    })
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', EXAMPLES)
    .hook('preAction', (_, command) => refuseConflicts(command))

  const named = namedCommand(args)
  const typed = rows.find(row => row.name === named)
  if (typed !== undefined) (await typed.load())(program.command(typed.name), begin)
  else for (const row of rows) program.command(row.name).summary(row.summary)
  return { command: program, globals: () => program.opts() }
}

/** The command that is typed, or asked about with `help`. */
function namedCommand(args: readonly string[]): string | undefined {
  const operands = args.filter(arg => !arg.startsWith('-'))
  return operands[0] === 'help' ? operands[1] : operands[0]
}
