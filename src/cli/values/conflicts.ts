/** Two options of one command, by their long flags. */
interface Pair {
  readonly command: string
  readonly options: readonly [one: string, other: string]
  /** What is wrong, for the message. */
  readonly why: string
  /** Arguments behind the command that break the rule. */
  readonly example: readonly string[]
}

export type Conflict =
  /** The two cannot both hold, at least where `when` says so of their values. */
  | (Pair & { readonly type: 'contradiction'; when?(one: unknown, other: unknown): boolean })
  /** The first one means nothing without the other. */
  | (Pair & { readonly type: 'need' })

/**
 * Every pair of options that makes no sense; such a command line is a usage error. Where a later option overrides an earlier
 * one, or one narrows the other, there is no conflict.
 */
export const CONFLICTS: readonly Conflict[] = [
  {
    type: 'contradiction',
    command: 'get',
    options: ['--exit', '--ratio'],
    why: 'one leaves without seeding, the other seeds',
    example: ['x.torrent', '--exit', '--ratio', '1.5'],
  },
  {
    type: 'contradiction',
    command: 'get',
    options: ['--exit', '--seed-time'],
    why: 'one leaves without seeding, the other seeds',
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
    why: 'peers and the tracker need a port each',
    example: ['x', '-p', '7000', '--with-tracker', '7000'],
  },
  {
    type: 'need',
    command: 'seed',
    options: ['--force', '--out'],
    why: 'it is about the file that --out names',
    example: ['x', '--force'],
  },
]
