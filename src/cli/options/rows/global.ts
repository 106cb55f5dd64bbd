import type { OptionRow } from '../option-row.js'

/** Options of all commands. */
export const GLOBAL_ROWS = [
  {
    type: 'flag',
    key: 'json',
    long: '--json',
    commands: 'global',
    description: 'write one JSON object per line to standard output',
  },
  {
    type: 'flag',
    key: 'quiet',
    long: '--quiet',
    short: '-q',
    commands: 'global',
    description: 'print only results and errors',
  },
  {
    type: 'off-switch',
    key: 'color',
    long: '--no-color',
    commands: 'global',
    description: 'print without colours',
  },
] as const satisfies readonly OptionRow[]
