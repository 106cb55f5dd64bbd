import type { OptionRow } from '../option-row.js'
import { intervalValue } from '../option-values.js'
import { FORMS, TRACKER_PORT } from './forms.js'

/** Options of `tracker`. */
export const TRACKER_ROWS = [
  {
    ...FORMS.port,
    default: TRACKER_PORT,
    commands: ['tracker'],
    description: 'port to listen on, 0 for any',
  },
  {
    ...FORMS.bind,
    defaultNote: 'all',
    commands: ['tracker'],
    description: 'address to listen on',
  },
  {
    type: 'value',
    key: 'interval',
    long: '--interval',
    argument: '<duration>',
    parse: intervalValue,
    default: '30m',
    commands: ['tracker'],
    description: 'how often peers should announce',
  },
] as const satisfies readonly OptionRow[]
