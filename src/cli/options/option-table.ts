import type { CommandName, OptionRow } from './option-row.js'
import { GLOBAL_ROWS } from './rows/global.js'
import { INFO_ROWS } from './rows/info.js'
import { MAKE_ROWS } from './rows/make.js'
import { SCRAPE_ROWS } from './rows/scrape.js'
import { SWARM_ROWS } from './rows/swarm.js'
import { TRACKER_ROWS } from './rows/tracker.js'
import { TRANSFER_ROWS } from './rows/transfer.js'

/**
 * Every option of the command line, in the order of the help. An option with two meanings (`--out` of `make` and of `seed`) has
 * two rows.
 */
export const OPTIONS = [
  ...GLOBAL_ROWS,
  ...MAKE_ROWS,
  ...TRANSFER_ROWS,
  ...INFO_ROWS,
  ...SCRAPE_ROWS,
  ...TRACKER_ROWS,
  ...SWARM_ROWS,
] as const

type Rows = (typeof OPTIONS)[number]

/** The long name of an option, as it is typed. */
export type OptionName = Rows['long']

type RowsOf<Command extends CommandName | 'global', R = Rows> = R extends {
  readonly commands: infer Commands
}
  ? Command extends (Commands extends readonly CommandName[] ? Commands[number] : Commands)
    ? R
    : never
  : never

type Parsed<R> = R extends { readonly type: 'flag' | 'off-switch' }
  ? boolean
  : R extends { readonly type: 'choice'; readonly choices: readonly (infer Choice)[] }
    ? Choice
    : R extends { readonly type: 'list'; parse(text: string): infer Value }
      ? readonly Value[]
      : R extends { readonly default: string; parse(text: string): infer Value }
        ? Value
        : R extends { parse(text: string): infer Value }
          ? Value | undefined
          : never

/** The parsed options of a command. */
export type ParsedOptions<Command extends CommandName | 'global'> = {
  readonly [R in RowsOf<Command> as R['key']]: Parsed<R>
}

/** The options of a command, or those of all commands, in the order of its help. */
export function optionsOf(command: CommandName | 'global'): readonly OptionRow[] {
  const rows: readonly OptionRow[] = OPTIONS
  return rows.filter(({ commands }) =>
    commands === 'global' ? command === 'global' : commands.some(name => name === command),
  )
}
