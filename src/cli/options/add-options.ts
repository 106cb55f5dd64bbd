import { type Command, CommanderError, type CommandUnknownOpts, Option } from '@commander-js/extra-typings'
import { unreachable } from '../../base/errors.js'
import type { CommandName, OptionRow } from './option-row.js'
import { optionsOf, type ParsedOptions } from './option-table.js'

/** Gives a command its options of the table; its action gets them parsed. */
export function addOptions<Name extends CommandName>(
  command: Command,
  name: Name,
): Command<[], ParsedOptions<Name>> {
  addRows(command, optionsOf(name))
  // Each row was parsed with its own parser, which is where `ParsedOptions` has its types from.
  return command as Command<[], ParsedOptions<Name>>
}

/** Gives the program the options that every command has. */
export function addGlobalOptions(program: Command): Command<[], ParsedOptions<'global'>> {
  addRows(program, optionsOf('global'))
  return program as Command<[], ParsedOptions<'global'>>
}

function addRows(command: CommandUnknownOpts, rows: readonly OptionRow[]): void {
  for (const row of rows) command.addOption(new TableOption(row))
}

/** An option of commander, made from its row. */
class TableOption extends Option<string> {
  readonly #key: string

  constructor(row: OptionRow) {
    const names = row.short === undefined ? row.long : `${row.short}, ${row.long}`
    super('argument' in row ? `${names} ${row.argument}` : names, describeOption(row))
    this.#key = row.key
    if (row.group !== undefined) this.helpGroup(row.group)
    switch (row.type) {
      case 'flag':
        // `--no-tracker` is a setting of its own: commander would take it for the opposite of `--tracker`.
        this.negate = false
        this.default(false)
        return
      case 'off-switch':
        this.default(true)
        if (row.variable !== undefined && isSet(row.variable)) this.env(row.variable)
        return
      case 'choice':
        this.choices(row.choices).default(row.default)
        return
      case 'value':
        this.argParser(row.parse)
        if (row.default !== undefined) this.default(row.parse(row.default))
        if (row.preset !== undefined) this.preset(row.preset)
        return
      case 'list':
        this.argParser<unknown[]>((text, others = []) => [...others, row.parse(text)])
        this.default([])
        if (row.preset !== undefined) this.preset(row.preset)
        return
      default:
        unreachable(row)
    }
  }

  override attributeName(): string {
    return this.#key
  }
}

/**
 * Whether a variable of the environment is set to 1.
 * @throws {CommanderError} for a value that is neither 1 nor 0: a typing error must not leave on what was to be off
 */
function isSet(variable: string): boolean {
  const value = process.env[variable] ?? ''
  if (value === '1') return true
  if (value === '0' || value === '') return false
  throw new CommanderError(2, 'torrent.variable', `environment variable ${variable} must be 1 or 0`)
}

/** The help of an option: what it does, what may be chosen, and what holds without it. */
function describeOption(row: OptionRow): string {
  const notes = notesOf(row)
  return notes.length === 0 ? row.description : `${row.description} (${notes.join('; ')})`
}

function notesOf(row: OptionRow): string[] {
  switch (row.type) {
    case 'choice':
      return [row.choices.join(', '), `default: ${row.default}`]
    case 'list':
      return ['repeatable']
    case 'flag':
      return row.defaultNote === undefined ? [] : [`default: ${row.defaultNote}`]
    case 'value': {
      if (row.preset !== undefined) return [`default ${row.argument.slice(1, -1)}: ${row.preset}`]
      const standing = row.default ?? row.defaultNote
      return standing === undefined ? [] : [`default: ${standing}`]
    }
    case 'off-switch':
      return row.variable === undefined ? [] : [`env: ${row.variable}=1`]
    default:
      return unreachable(row)
  }
}
