import { styleText } from 'node:util'
import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings'
import type { CommandContext, GlobalOptions } from './command-context.js'
import { CONFLICTS, type Conflict } from './values/conflicts.js'
import { NO_LIMIT } from './values/option-values.js'

export type { Command }

/** Called by the action of a command, once everything is parsed. */
export type Begin = () => Promise<CommandContext>

/** Gives a command its arguments, options and action. */
export type DefineCommand = (command: Command, begin: Begin) => void

/** A command as the list of commands shows it; the rest of it is loaded when it is the one that was typed. */
export interface CommandRow {
  readonly name: string
  readonly summary: string
  load(): Promise<DefineCommand>
}

export interface Program {
  readonly command: Command
  globals(): GlobalOptions
}

const EXAMPLES = `
Examples:
  torrent make ubuntu.iso -t http://tracker.example.org:6969/announce
  torrent get ubuntu.iso.torrent -d ~/Downloads
  torrent seed ubuntu.iso.torrent -d ~/Downloads

Exit codes:
  0  done                                4  network
  1  a defect of this program            5  data failed verification
  2  wrong usage                         6  disk
  3  bad torrent, magnet link or hash    7  stopped before it was complete
                                       130  Ctrl-C twice`

/** Help is printed before the options are known to anybody else. */
const COLOURLESS = { getOutHasColors: () => false, getErrHasColors: () => false }

/** The whole command line, in which only the command that `args` names knows its options. */
export async function buildProgram(
  rows: readonly CommandRow[],
  args: readonly string[],
  version: string,
  begin: Begin,
): Promise<Program> {
  const program = new Command('torrent')
    .description('A BitTorrent client for the terminal.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .option('--json', 'write one JSON object a line to standard output')
    .option('-q, --quiet', 'say nothing but results and errors')
    .option('--no-color', 'never use colours')
    .exitOverride()
    .configureOutput({ outputError: () => undefined, ...(args.includes('--no-color') ? COLOURLESS : {}) })
    .configureHelp({
      showGlobalOptions: true,
      subcommandTerm: command => command.name(),
      styleTitle: title => styleText('bold', title, { validateStream: false }),
    })
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', EXAMPLES)
    .hook('preAction', (_, command) => refuseConflicts(command))

  const named = namedCommand(args)
  for (const row of rows) {
    const command = program.command(row.name).summary(row.summary)
    if (row.name === named) (await row.load())(command, begin)
  }
  return { command: program, globals: () => program.opts() }
}

/** The command that is typed, or asked about with `help`. */
function namedCommand(args: readonly string[]): string | undefined {
  const operands = args.filter(arg => !arg.startsWith('-'))
  return operands[0] === 'help' ? operands[1] : operands[0]
}

/** A usage error where options contradict each other, or where one lacks the option that it goes with. */
function refuseConflicts(command: CommandUnknownOpts): void {
  const rows = CONFLICTS.filter(row => row.command === command.name())
  for (const row of rows) {
    const [one, other] = row.options
    const values = { one: givenValue(command, one), other: givenValue(command, other) }
    if (!isViolated(row, values)) continue
    const what = row.type === 'contradiction' ? 'cannot be used with' : 'goes with'
    command.error(`option '${one}' ${what} '${other}': ${row.why}`, { code: 'torrent.conflict', exitCode: 2 })
  }
}

function isViolated(row: Conflict, { one, other }: { one: unknown; other: unknown }): boolean {
  switch (row.type) {
    case 'contradiction':
      return one !== undefined && other !== undefined && (row.when?.(one, other) ?? true)
    case 'need':
      return one !== undefined && other === undefined
  }
}

/** The value of an option that was given; undefined where it has its default, or stands for no limit. */
function givenValue(command: CommandUnknownOpts, flag: string): unknown {
  const options = [...command.options, ...(command.parent?.options ?? [])]
  const option = options.find(({ long }) => long === flag)
  if (option === undefined) return undefined
  const name = option.attributeName()
  const source = command.getOptionValueSourceWithGlobals(name)
  const value: unknown = command.optsWithGlobals()[name]
  return source === 'default' || value === NO_LIMIT ? undefined : value
}
