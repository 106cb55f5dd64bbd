/** The totals of a torrent over all of its sessions. */
export interface History {
  /** Bytes. */
  readonly uploaded: number
  readonly downloaded: number
  /** Whole seconds, of the sessions in which they were counted. */
  readonly seedingSeconds: number
  /** True once the action that follows a completed download has been done. */
  readonly isCompletionHandled: boolean
}

export const NO_HISTORY: History = {
  uploaded: 0,
  downloaded: 0,
  seedingSeconds: 0,
  isCompletionHandled: false,
}

export function isSameHistory(one: History, other: History): boolean {
  return (
    one.uploaded === other.uploaded &&
    one.downloaded === other.downloaded &&
    one.seedingSeconds === other.seedingSeconds &&
    one.isCompletionHandled === other.isCompletionHandled
  )
}
