import type { Paint } from './palette.js'

interface SnapshotBase {
  /** The activity, in a word or two: `downloading`. */
  readonly activity: string
  /** Bytes. */
  readonly done: number
  readonly total: number
}

/** The progress of an activity, for a bar or a line. Sizes are in bytes, rates in bytes per second. */
export type ProgressSnapshot =
  /** Work on this machine, such as hashing; its rate and the time that is left are measured by the view. */
  | (SnapshotBase & { readonly type: 'work' })
  /** Nothing is transferred, and it is not known when that will change. */
  | (SnapshotBase & { readonly type: 'waiting' })
  /** The metadata of a magnet link comes; `total` is 0 until its size is known. Its bytes are none of the content. */
  | (SnapshotBase & { readonly type: 'metadata'; readonly peers: number })
  | (SnapshotBase & {
      readonly type: 'downloading'
      readonly down: number
      readonly up: number
      readonly peers: number
      /** Seconds; undefined where it cannot be known. */
      readonly eta: number | undefined
    })
  /** There is nothing left to wait for. */
  | (SnapshotBase & {
      readonly type: 'seeding'
      readonly up: number
      readonly peers: number
      /** Bytes uploaded for each byte of content. */
      readonly ratio: number
    })

export interface ProgressRow {
  readonly name: string
  /** Asked for each time something is drawn, so it must be cheap. */
  snapshot(): ProgressSnapshot
}

/** Shows rows until they are removed, with notes above. Closing it leaves the terminal as it was. */
export interface ProgressView extends Disposable {
  add(row: ProgressRow): void
  remove(row: ProgressRow): void
  /** A whole line that stays. */
  print(line: string): void
}

/** Takes lines; those of progress may be replaced by later ones of their row while the reader stands still. */
export interface LineStream {
  write(text: string): unknown
  writeLatest?(row: string, text: string): unknown
}

export interface ViewOptions {
  readonly stream: NodeJS.WriteStream
  /** Takes plain lines, if they do not go to `stream` itself. */
  readonly lines?: LineStream
  readonly paint: Paint
  /** True if a debug log is written between the lines: then nothing is drawn in place. */
  readonly isLogging?: boolean
}
