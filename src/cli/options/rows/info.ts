import { SHOWN_LINES } from '../../values/shown-lines.js'
import { formatCount } from '../../values/units.js'
import type { OptionRow } from '../option-row.js'
import { FORMS } from './forms.js'

/** Options of `info`. */
export const INFO_ROWS = [
  {
    type: 'flag',
    key: 'all',
    long: '--all',
    defaultNote: `${SHOWN_LINES.onTerminal} lines on a terminal, ${formatCount(SHOWN_LINES.elsewhere)} elsewhere`,
    commands: ['info'],
    description: 'show all files and addresses',
  },
  {
    type: 'flag',
    key: 'fetch',
    long: '--fetch',
    commands: ['info'],
    description: 'of a magnet link or info hash: fetch the metadata from peers and show the files',
  },
  {
    ...FORMS.timeout,
    default: '60s',
    commands: ['info'],
    description: 'with --fetch: give up after this long, 0 for no limit',
  },
  {
    ...FORMS.out,
    defaultNote: 'not saved',
    commands: ['info'],
    description: 'with --fetch: file to save the .torrent in, - for standard output',
  },
  {
    ...FORMS.force,
    commands: ['info'],
    description: 'with --out: overwrite the file',
  },
] as const satisfies readonly OptionRow[]
