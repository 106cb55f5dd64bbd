import debug from 'debug'

/** The folders under src/ that write a debug log. */
export type LogFolder = 'cli' | 'client' | 'discovery' | 'tracker' | 'web'

/** The debug log of a folder, shown where `DEBUG` names it (`DEBUG=torrent:*`) and nearly free elsewhere. */
export function debugLog(folder: LogFolder): debug.Debugger {
  return debug(`torrent:${folder}`)
}
