import { CodedError } from '../../base/errors.js'

export type CliErrorCode =
  /** Options that contradict each other; commander finds other mistakes. */
  | 'usage'
  /** A file that would be written is there already. */
  | 'exists'
  /** A file could not be written. */
  | 'not-written'
  /** There is nothing of which a torrent could be made. */
  | 'no-content'
  /** Stopped by the user before it was complete. */
  | 'stopped'
  /** The same, where nothing is kept to go on from. */
  | 'interrupted'
  /** Nothing moved for `--timeout`. */
  | 'nothing-moved'
  /** The same, and none of the peers named with `--peer` could be reached or kept. */
  | 'peers-failed'
  /** `check` found data that is not what the torrent says. */
  | 'damaged'
  /** `check` found no data at all. */
  | 'missing'
  /** The same, and something else is in its place. */
  | 'blocked'
  /** `get --dry-run`: the disk has less room than a download needs. */
  | 'no-room'
  /** `scrape`: a torrent names no tracker. */
  | 'no-tracker'
  /** `scrape`: none of the trackers answered. */
  | 'no-answer'

/** An error found by the command line itself; `subject` is the file, address or torrent it is about. */
export class CliError extends CodedError<CliErrorCode, { subject: string }> {}
