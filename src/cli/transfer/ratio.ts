import type { TorrentStatus } from '../session/session-port.js'

/** Bytes uploaded for each byte of the content, over all sessions; undefined where there is no content. */
export function ratioOf({ history, total }: Pick<TorrentStatus, 'history' | 'total'>): number | undefined {
  return total === 0 ? undefined : history.uploaded / total
}
