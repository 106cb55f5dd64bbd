import type { CommandName } from './option-row.js'
import type { OptionName } from './option-table.js'

/** Two options of one command. */
interface Pair {
  readonly command: CommandName
  readonly options: readonly [one: OptionName, other: OptionName]
  /** Why not, for the message. */
  readonly why: string
  /** Arguments of the command that break the rule. */
  readonly example: readonly string[]
}

export type Conflict =
  /** The two cannot both hold, at least where `when` says so of their values. */
  | (Pair & { readonly type: 'contradiction'; when?(one: unknown, other: unknown): boolean })
  /** The first one means nothing without the other. */
  | (Pair & { readonly type: 'need' })

/** The options of `info` that mean nothing without `--fetch`, as they are typed. */
const TYPED = {
  '--out': '--out=x.torrent',
  '--peer': '--peer=192.0.2.1:6881',
  '--tracker': '--tracker=http://tracker.example/announce',
  '--no-tracker': '--no-tracker',
} as const

/**
 * Every pair of options that contradict each other, which is a usage error. An option that overrides an earlier one, or narrows
 * another, does not conflict with it.
 */
export const CONFLICTS: readonly Conflict[] = [
  {
    type: 'contradiction',
    command: 'get',
    options: ['--exit', '--ratio'],
    why: 'with --exit nothing is seeded',
    example: ['x.torrent', '--exit', '--ratio', '1.5'],
  },
  {
    type: 'contradiction',
    command: 'get',
    options: ['--exit', '--seed-time'],
    why: 'with --exit nothing is seeded',
    example: ['x.torrent', '--exit', '--seed-time', '1h'],
  },
  {
    type: 'contradiction',
    command: 'make',
    options: ['--json', '--out'],
    when: (_, out) => out === '-',
    why: 'both write to standard output',
    example: ['x', '--json', '-o', '-'],
  },
  {
    type: 'contradiction',
    command: 'make',
    options: ['--private', '--node'],
    why: 'peers of a private torrent come from its trackers alone',
    example: ['x', '--private', '--node', '192.0.2.1:6881'],
  },
  {
    type: 'contradiction',
    command: 'seed',
    options: ['--json', '--out'],
    when: (_, out) => out === '-',
    why: 'both write to standard output',
    example: ['x', '--json', '-o', '-'],
  },
  {
    type: 'contradiction',
    command: 'seed',
    options: ['--port', '--with-tracker'],
    when: (port, tracker) => port === tracker && port !== 0,
    why: 'peers and the tracker need different ports',
    example: ['x', '-p', '7000', '--with-tracker', '7000'],
  },
  {
    type: 'contradiction',
    command: 'info',
    options: ['--json', '--out'],
    when: (_, out) => out === '-',
    why: 'both write to standard output',
    example: ['x', '--fetch', '--json', '-o', '-'],
  },
  ...(['--out', '--peer', '--tracker', '--no-tracker'] as const).map(
    option =>
      ({
        type: 'need',
        command: 'info',
        options: [option, '--fetch'],
        why: 'without it nothing is fetched',
        example: ['x', TYPED[option]],
      }) as const,
  ),
  {
    type: 'need',
    command: 'info',
    options: ['--force', '--out'],
    why: 'it overwrites the file that --out names',
    example: ['x', '--fetch', '--force'],
  },
  {
    type: 'need',
    command: 'seed',
    options: ['--force', '--out'],
    why: 'it overwrites the file that --out names',
    example: ['x', '--force'],
  },
]
