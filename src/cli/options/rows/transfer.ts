import type { OptionRow } from '../option-row.js'
import { portValue, ratioValue, textValue, timeLimitValue } from '../option-values.js'
import { FORMS, TRACKER_PORT } from './forms.js'

/** The value of `--select` that stands for a list to pick from. */
export const PICKED = ''

/** Options of `get`, `seed` and `check`. */
export const TRANSFER_ROWS = [
  {
    ...FORMS.dir,
    commands: ['get'],
    description: 'folder to put the content in',
  },
  {
    ...FORMS.dir,
    commands: ['seed', 'check'],
    description: "folder that holds the torrents' content",
  },
  {
    type: 'flag',
    key: 'exit',
    long: '--exit',
    commands: ['get'],
    description: 'exit once the download is complete',
  },
  {
    type: 'flag',
    key: 'dryRun',
    long: '--dry-run',
    commands: ['get'],
    description: 'show what would be downloaded and the room it needs, and write nothing',
  },
  {
    type: 'off-switch',
    key: 'check',
    long: '--no-check',
    commands: ['seed'],
    description: 'trust the data without reading it',
  },
  {
    type: 'value',
    key: 'ratio',
    long: '--ratio',
    argument: '<n>',
    parse: ratioValue,
    default: '0',
    commands: ['get', 'seed'],
    description:
      'seed until the upload reaches this many times the size, counted over all runs, 0 for no limit',
  },
  {
    type: 'value',
    key: 'seedTime',
    long: '--seed-time',
    argument: '<duration>',
    parse: timeLimitValue,
    default: '0',
    commands: ['get', 'seed'],
    description: 'seed for this long, counted over all runs with this option, 0 for no limit',
  },
  {
    type: 'list',
    key: 'select',
    long: '--select',
    argument: '[files]',
    parse: textValue,
    preset: PICKED,
    commands: ['get'],
    description:
      'download only these files: a glob, or numbers as `torrent info` shows them (0,2-5); !glob leaves files out; without a value: pick from a list',
  },
  {
    type: 'list',
    key: 'select',
    long: '--select',
    argument: '<files>',
    parse: textValue,
    commands: ['seed', 'magnet'],
    description: 'these files alone: a glob, or numbers as `torrent info` shows them; !glob leaves files out',
  },
  {
    type: 'list',
    key: 'first',
    long: '--first',
    argument: '<files>',
    parse: textValue,
    commands: ['get'],
    description: 'download these files before all others: a glob, or numbers',
  },
  {
    type: 'choice',
    key: 'pick',
    long: '--pick',
    argument: '<order>',
    choices: ['random', 'rarest', 'sequential'],
    default: 'random',
    commands: ['get'],
    description:
      'order of pieces; rarest is a little faster while one seed feeds many peers, sequential is for playing files while they download',
  },
  {
    type: 'flag',
    key: 'recheck',
    long: '--recheck',
    commands: ['get'],
    description: 'verify existing data again instead of trusting the saved state',
  },
  {
    type: 'flag',
    key: 'truncate',
    long: '--truncate',
    commands: ['get'],
    description: "shorten files that are too long, if they hold the torrent's data",
  },
  {
    type: 'flag',
    key: 'sync',
    long: '--sync',
    commands: ['get'],
    description: 'flush the download to the disk before reporting it as saved',
  },
  {
    ...FORMS.timeout,
    default: '0',
    commands: ['get'],
    description: 'give up when nothing has moved for this long, 0 for no limit',
  },
  {
    type: 'value',
    key: 'onComplete',
    long: '--on-complete',
    argument: '<command>',
    parse: textValue,
    commands: ['get'],
    description: 'shell command to run once for each completed download',
  },
  {
    ...FORMS.out,
    defaultNote: 'not saved',
    commands: ['seed'],
    description: 'with a plain path: file to save the .torrent in, - for standard output',
  },
  {
    ...FORMS.force,
    commands: ['seed'],
    description: 'overwrite the file that --out names',
  },
  {
    type: 'value',
    key: 'withTracker',
    long: '--with-tracker',
    argument: '[port]',
    parse: portValue,
    preset: TRACKER_PORT,
    commands: ['seed'],
    description: 'run a tracker here and use it',
  },
] as const satisfies readonly OptionRow[]
