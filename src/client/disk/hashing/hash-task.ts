/**
 * Bytes of one task for a worker: some milliseconds of work, so that writes and reads in between need not
 * wait long.
 */
export const TASK_LENGTH = 2 ** 22

/** A unit of hashing for a worker. */
export type HashTask =
  /** With the flat hashes of the files that lie in these pieces as a whole, where they are wanted. */
  | { readonly type: 'pieces'; readonly first: number; readonly count: number }
  /** The next run of a large file's flat hash. */
  | {
      readonly type: 'run'
      readonly entryIndex: number
      readonly from: number
      readonly length: number
      readonly isLast: boolean
    }
  /** The flat hashes of whole files. */
  | { readonly type: 'files'; readonly entryIndices: readonly number[] }

/** Hands out tasks to workers. */
export interface HashSchedule {
  /** Bytes to hash. */
  readonly bytesTotal: number
  /** Something to do for a worker, after all that it was given before; undefined where nothing is left for it. */
  take(worker: number): HashTask | undefined
}
