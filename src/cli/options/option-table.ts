import { SHOWN_LINES } from '../values/shown-lines.js'
import { formatCount } from '../values/units.js'
import type { CommandName, OptionRow } from './option-row.js'
import {
  addressValue,
  countLimitValue,
  intervalValue,
  nameValue,
  peerValue,
  pieceLengthValue,
  portValue,
  rateValue,
  ratioValue,
  textValue,
  tierValue,
  timeLimitValue,
  webSeedValue,
} from './option-values.js'

const CONTENT = 'Content options:'
const OUTPUT = 'Output options:'
const SWARM = 'Swarm options:'
const TRACKER_PORT = '6969'

/**
 * Every option of the command line, in the order of the help. An option with two meanings (`--out` of `make` and of `seed`) has
 * two rows.
 */
export const OPTIONS = [
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

  {
    type: 'list',
    key: 'tracker',
    long: '--tracker',
    short: '-t',
    argument: '<url>',
    parse: tierValue,
    commands: ['make'],
    description: 'tracker, or a tier of trackers with commas between; once for each tier',
  },
  {
    type: 'list',
    key: 'webSeed',
    long: '--web-seed',
    short: '-w',
    argument: '<url>',
    parse: webSeedValue,
    commands: ['make'],
    description: 'address that serves the content over HTTP',
  },
  {
    type: 'value',
    key: 'name',
    long: '--name',
    short: '-n',
    argument: '<name>',
    parse: nameValue,
    defaultNote: 'the name of the path',
    commands: ['make'],
    description: 'name of the content',
  },
  {
    type: 'value',
    key: 'comment',
    long: '--comment',
    short: '-c',
    argument: '<text>',
    parse: textValue,
    commands: ['make'],
    description: 'comment to put in the torrent',
  },
  {
    type: 'flag',
    key: 'private',
    long: '--private',
    commands: ['make'],
    description: 'for private trackers: get peers only from the trackers',
  },
  {
    type: 'value',
    key: 'source',
    long: '--source',
    argument: '<text>',
    parse: textValue,
    commands: ['make'],
    description: 'source tag for a private tracker; changes the info hash',
  },
  {
    type: 'off-switch',
    key: 'date',
    long: '--no-date',
    commands: ['make'],
    description: 'leave out the creation date',
  },
  {
    type: 'off-switch',
    key: 'creator',
    long: '--no-creator',
    commands: ['make'],
    description: 'leave out the name of this program',
  },
  {
    type: 'list',
    key: 'exclude',
    long: '--exclude',
    argument: '<glob>',
    parse: textValue,
    commands: ['make'],
    group: CONTENT,
    description: 'leave out matching files',
  },
  {
    type: 'flag',
    key: 'includeHidden',
    long: '--include-hidden',
    commands: ['make'],
    group: CONTENT,
    description: 'include hidden files',
  },
  {
    type: 'flag',
    key: 'followSymlinks',
    long: '--follow-symlinks',
    commands: ['make'],
    group: CONTENT,
    description: 'include what symlinks point to',
  },
  {
    type: 'value',
    key: 'pieceLength',
    long: '--piece-length',
    argument: '<size>',
    parse: pieceLengthValue,
    default: 'auto',
    commands: ['make'],
    group: CONTENT,
    description: 'a power of two from 16KiB to 64MiB, or auto',
  },
  {
    type: 'choice',
    key: 'format',
    long: '--format',
    argument: '<format>',
    choices: ['v1', 'v2', 'hybrid'],
    default: 'hybrid',
    commands: ['make'],
    group: CONTENT,
    description: 'version of BitTorrent; hybrid works with all clients',
  },
  {
    type: 'off-switch',
    key: 'checksums',
    long: '--no-checksums',
    commands: ['make'],
    group: CONTENT,
    description: 'leave out the SHA-256 of each file',
  },
  {
    type: 'value',
    key: 'out',
    long: '--out',
    short: '-o',
    argument: '<file>',
    parse: textValue,
    defaultNote: '<name>.torrent here, or next to the content when run inside it',
    commands: ['make'],
    group: OUTPUT,
    description: 'file to write, - for standard output',
  },
  {
    type: 'flag',
    key: 'force',
    long: '--force',
    short: '-f',
    commands: ['make'],
    group: OUTPUT,
    description: 'overwrite an existing file',
  },
  {
    type: 'flag',
    key: 'dryRun',
    long: '--dry-run',
    commands: ['make'],
    group: OUTPUT,
    description: 'show what would be written, without hashing or writing anything',
  },

  {
    type: 'value',
    key: 'dir',
    long: '--dir',
    short: '-d',
    argument: '<folder>',
    parse: textValue,
    default: '.',
    commands: ['get'],
    description: 'folder to put the content in',
  },
  {
    type: 'value',
    key: 'dir',
    long: '--dir',
    short: '-d',
    argument: '<folder>',
    parse: textValue,
    default: '.',
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
    type: 'value',
    key: 'timeout',
    long: '--timeout',
    argument: '<duration>',
    parse: timeLimitValue,
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
    type: 'value',
    key: 'out',
    long: '--out',
    short: '-o',
    argument: '<file>',
    parse: textValue,
    defaultNote: 'not saved',
    commands: ['seed'],
    description: 'with a plain path: file to save the .torrent in, - for standard output',
  },
  {
    type: 'flag',
    key: 'force',
    long: '--force',
    short: '-f',
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

  {
    type: 'list',
    key: 'peer',
    long: '--peer',
    argument: '<host:port>',
    parse: peerValue,
    commands: ['get', 'seed'],
    group: SWARM,
    description: 'connect to this peer too',
  },
  {
    type: 'list',
    key: 'tracker',
    long: '--tracker',
    short: '-t',
    argument: '<url>',
    parse: tierValue,
    commands: ['get', 'seed'],
    group: SWARM,
    description: "tracker to use besides the torrent's own",
  },
  {
    type: 'flag',
    key: 'noTracker',
    long: '--no-tracker',
    commands: ['get', 'seed'],
    group: SWARM,
    description: "use only the trackers of -t, not the torrent's own",
  },
  {
    type: 'flag',
    key: 'allTrackers',
    long: '--all-trackers',
    defaultNote: 'one of each tier that works',
    commands: ['get', 'seed'],
    group: SWARM,
    description: 'announce to every tracker',
  },
  {
    type: 'off-switch',
    key: 'pex',
    long: '--no-pex',
    commands: ['get', 'seed'],
    group: SWARM,
    description: 'turn off peer exchange',
  },
  {
    type: 'value',
    key: 'port',
    long: '--port',
    short: '-p',
    argument: '<n>',
    parse: portValue,
    defaultNote: '6881 to 6889, else any',
    commands: ['get', 'seed'],
    group: SWARM,
    description: 'port to listen on, 0 for any',
  },
  {
    type: 'value',
    key: 'bind',
    long: '--bind',
    argument: '<address>',
    parse: addressValue,
    defaultNote: 'any',
    commands: ['get', 'seed'],
    group: SWARM,
    description: 'local address for all connections',
  },
  {
    type: 'value',
    key: 'maxPeers',
    long: '--max-peers',
    argument: '<n>',
    parse: countLimitValue,
    default: '200',
    commands: ['get', 'seed'],
    group: SWARM,
    description: 'maximum number of connections, 0 for no limit',
  },
  {
    type: 'choice',
    key: 'encryption',
    long: '--encryption',
    argument: '<mode>',
    choices: ['prefer', 'require', 'off'],
    default: 'prefer',
    commands: ['get', 'seed'],
    group: SWARM,
    description: 'encryption of peer connections',
  },
  {
    type: 'value',
    key: 'slots',
    long: '--slots',
    argument: '<n>',
    parse: countLimitValue,
    defaultNote: '5, or more while upload bandwidth is free',
    commands: ['get', 'seed'],
    group: SWARM,
    description: 'number of peers that may download at once, 0 for no limit',
  },
  {
    type: 'choice',
    key: 'seedChoker',
    long: '--seed-choker',
    argument: '<policy>',
    choices: ['round-robin', 'fastest'],
    default: 'round-robin',
    commands: ['get', 'seed'],
    group: SWARM,
    description: 'which peers to upload to while seeding: each in turn, or the fastest',
  },
  {
    type: 'flag',
    key: 'superSeed',
    long: '--super-seed',
    commands: ['seed'],
    group: SWARM,
    description:
      'offer each peer only pieces that no other peer has: the first seeder uploads about one copy',
  },
  {
    type: 'value',
    key: 'limitDown',
    long: '--limit-down',
    argument: '<rate>',
    parse: rateValue,
    default: '0',
    commands: ['get', 'seed'],
    group: SWARM,
    description: 'maximum download rate, all torrents together, 0 for no limit',
  },
  {
    type: 'value',
    key: 'limitUp',
    long: '--limit-up',
    argument: '<rate>',
    parse: rateValue,
    default: '0',
    commands: ['get', 'seed'],
    group: SWARM,
    description: 'maximum upload rate, all torrents together, 0 for no limit',
  },
  {
    type: 'off-switch',
    key: 'limitLocal',
    long: '--no-limit-local',
    commands: ['get', 'seed'],
    group: SWARM,
    description: 'do not limit peers on this machine or its local network',
  },

  {
    type: 'value',
    key: 'port',
    long: '--port',
    short: '-p',
    argument: '<n>',
    parse: portValue,
    default: TRACKER_PORT,
    commands: ['tracker'],
    description: 'port to listen on, 0 for any',
  },
  {
    type: 'value',
    key: 'bind',
    long: '--bind',
    argument: '<address>',
    parse: addressValue,
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

  {
    type: 'flag',
    key: 'all',
    long: '--all',
    defaultNote: `${SHOWN_LINES.onTerminal} lines on a terminal, ${formatCount(SHOWN_LINES.elsewhere)} elsewhere`,
    commands: ['info'],
    description: 'show all files and addresses',
  },
] as const satisfies readonly OptionRow[]

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
