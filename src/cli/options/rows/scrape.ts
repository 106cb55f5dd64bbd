import type { OptionRow } from '../option-row.js'
import { FORMS } from './forms.js'

/** Options of `scrape`. */
export const SCRAPE_ROWS = [
  {
    ...FORMS.tracker,
    commands: ['scrape'],
    description: "tracker to ask besides the torrent's own",
  },
  {
    ...FORMS.bind,
    defaultNote: 'any',
    commands: ['scrape'],
    description: 'local address to ask from',
  },
] as const satisfies readonly OptionRow[]
