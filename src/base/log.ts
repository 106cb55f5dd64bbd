import { createRequire } from 'node:module'
import type { Debugger } from 'debug'
import { printable } from './printable.js'

/** The folders under src/ that write a debug log. */
export type LogFolder = 'cli' | 'client' | 'discovery' | 'tracker' | 'web'

type CreateDebug = (namespace: string) => Debugger

/** Loaded only if the log is wanted, since loading it would slow down every command. */
const createDebug: CreateDebug | undefined = process.env.DEBUG
  ? createRequire(import.meta.url)('debug')
  : undefined

/** Takes a format as `debug` has it, and what belongs in it. */
export type Log = (format: string, ...values: readonly unknown[]) => void

/** The debug log of a folder, shown where `DEBUG` names it (`DEBUG=torrent:*`) and nearly free elsewhere. */
export function debugLog(folder: LogFolder): Log {
  const log = createDebug?.(`torrent:${folder}`)
  if (log === undefined) return () => undefined
  return (format, ...values) => {
    if (log.enabled)
      log(format, ...values.map(value => (typeof value === 'string' ? printable(value) : value)))
  }
}
