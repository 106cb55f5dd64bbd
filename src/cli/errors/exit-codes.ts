// The one place that says which error leads to which exit status, and what a person can do about it.

import type { SessionErrorCode } from '../../client/session-error.js'
import type { MetadataErrorCode } from '../../client/task/unresolved-torrent.js'
import type { BencodeErrorCode } from '../../protocol/bencode/bencode-error.js'
import type { SourceErrorCode } from '../torrents/source-error.js'
import type { CliErrorCode } from './cli-error.js'
import { isSystemError } from './system-reason.js'

export const EXIT = {
  done: 0,
  defect: 1,
  usage: 2,
  badTorrent: 3,
  network: 4,
  verification: 5,
  disk: 6,
  stopped: 7,
  /** Ctrl-C twice: 128 and the number of SIGINT, as shells have it. */
  leftAtOnce: 130,
} as const

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT]

export interface Verdict {
  readonly status: ExitStatus
  /** The advice, unless the message has it already. */
  readonly hint?: string
}

/**
 * The status of a program in which several things failed: that of a bug before all others, else the highest, so that it does not
 * depend on their order.
 */
export function worse(one: ExitStatus, other: ExitStatus): ExitStatus {
  if (one === EXIT.defect || other === EXIT.defect) return EXIT.defect
  return one > other ? one : other
}

const FRESH_COPY = 'get a fresh copy of the .torrent'
const BAD_TORRENT: Verdict = { status: EXIT.badTorrent, hint: FRESH_COPY }

const CLI_ERRORS: Record<CliErrorCode, Verdict> = {
  usage: { status: EXIT.usage },
  exists: { status: EXIT.disk, hint: 'write elsewhere with --out, or overwrite it with --force' },
  'not-written': { status: EXIT.disk },
  'no-content': { status: EXIT.disk },
  stopped: { status: EXIT.stopped, hint: 'run the same command again to resume' },
  interrupted: { status: EXIT.stopped },
  'nothing-moved': { status: EXIT.network, hint: 'try again later, or name more peers with --peer' },
  'peers-failed': {
    status: EXIT.network,
    hint: 'check the addresses, and that these peers have the torrent',
  },
  damaged: { status: EXIT.verification },
  missing: {
    status: EXIT.disk,
    hint: 'give its folder with --dir, or download it with `torrent get`',
  },
  blocked: { status: EXIT.disk },
  'no-room': { status: EXIT.disk, hint: 'choose another folder with --dir, or fewer files with --select' },
  'no-tracker': { status: EXIT.usage, hint: 'give one with --tracker' },
  'no-answer': { status: EXIT.network, hint: 'see the warnings above' },
}

const SOURCE_ERRORS: Record<SourceErrorCode, Verdict> = {
  'not-found': { status: EXIT.disk, hint: 'check the path' },
  unreadable: { status: EXIT.disk },
  'too-large': BAD_TORRENT,
  'no-torrent': { status: EXIT.badTorrent, hint: 'give a .torrent, or make one with `torrent make`' },
  unreachable: { status: EXIT.network, hint: 'check the address and the network' },
  'http-status': { status: EXIT.network },
  'bad-address': { status: EXIT.usage, hint: 'check its spelling' },
  timeout: { status: EXIT.network, hint: 'try again later' },
  tls: { status: EXIT.network },
  redirect: { status: EXIT.network, hint: 'check the address' },
  malformed: { status: EXIT.network, hint: 'check the address' },
  'web-page': { status: EXIT.badTorrent },
  'bad-torrent': BAD_TORRENT,
  magnet: { status: EXIT.badTorrent, hint: 'use the .torrent file instead' },
}

const BENCODE_ERRORS: Record<BencodeErrorCode, Verdict> = {
  truncated: BAD_TORRENT,
  malformed: BAD_TORRENT,
  'too-large': BAD_TORRENT,
  'too-deep': BAD_TORRENT,
  'too-many-values': BAD_TORRENT,
}

/** Of the tracker, and of sessions. A port belongs to the machine, like a file. */
const LISTENING_ERRORS: Record<'port-in-use' | 'no-permission' | 'bad-address', Verdict> = {
  'port-in-use': { status: EXIT.disk, hint: 'choose another port' },
  'no-permission': { status: EXIT.disk, hint: 'choose a port from 1024 up' },
  'bad-address': { status: EXIT.disk, hint: 'choose another address with --bind' },
}

const SESSION_ERRORS: Record<SessionErrorCode, Verdict> = {
  duplicate: { status: EXIT.usage, hint: 'give it once' },
  stopped: { status: EXIT.stopped },
}

const METADATA_ERRORS: Record<MetadataErrorCode, Verdict> = {
  mismatch: { status: EXIT.badTorrent },
}

/** By the name of the class. A class whose codes all have one status is listed without its codes. */
const BY_CLASS: ReadonlyMap<string, Verdict | Readonly<Record<string, Verdict>>> = new Map<
  string,
  Verdict | Readonly<Record<string, Verdict>>
>([
  ['CliError', CLI_ERRORS],
  ['SourceError', SOURCE_ERRORS],
  ['BencodeError', BENCODE_ERRORS],
  ['MetainfoError', BAD_TORRENT],
  ['MetadataError', METADATA_ERRORS],
  ['MagnetError', { status: EXIT.badTorrent, hint: 'check that the link is complete' }],
  ['DiskError', { status: EXIT.disk }],
  ['ListenError', LISTENING_ERRORS],
  ['SessionError', SESSION_ERRORS],
  ['OptionError', { status: EXIT.usage }],
  ['ClaimError', { status: EXIT.disk }],
  ['DataError', { status: EXIT.verification }],
])

const DEFECT: Verdict = {
  status: EXIT.defect,
  hint: 'this is a bug in torrent: run it again with DEBUG=torrent:* and report the output',
}

/** The exit status and the hint for an error. An unknown error is a bug. */
export function verdictOf(error: unknown): Verdict {
  if (!(error instanceof Error)) return DEFECT
  const row = BY_CLASS.get(error.name)
  if (row !== undefined && isVerdict(row)) return row
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (row !== undefined) return Object.hasOwn(row, code) ? (row[code] ?? DEFECT) : DEFECT
  // Other system errors with a path come from the disk: those of sockets have classes of their own.
  return isSystemError(error) && 'path' in error ? { status: EXIT.disk } : DEFECT
}

function isVerdict(row: Verdict | Readonly<Record<string, Verdict>>): row is Verdict {
  return typeof row.status === 'number'
}
