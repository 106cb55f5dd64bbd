import { existsSync, readFileSync } from 'node:fs'
import { relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PROJECT } from '../project.js'

const GUARD = fileURLToPath(new URL('./guard.cjs', import.meta.url))

/** Something that the guard has refused. */
export interface Refusal {
  /** The file of the test, below the project's folder. */
  readonly test: string
  /** The arguments of the process, and its id. */
  readonly command: string
  readonly pid: number
  /** Such as `a datagram to 192.0.2.1 port 6881`. */
  readonly what: string
}

/**
 * The environment of processes that the guard watches.
 * @param record the file of its refusals
 */
export function guarded(record: string): Readonly<Record<string, string>> {
  const options = [process.env.NODE_OPTIONS, `--require ${JSON.stringify(GUARD)}`]
  return {
    NODE_OPTIONS: options.filter(option => option !== undefined).join(' '),
    TORRENT_GUARD_RECORD: record,
  }
}

/** What the guard has refused, in the order of time. */
export function readRefusals(record: string): Refusal[] {
  if (!existsSync(record)) return []
  return readFileSync(record, 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(toRefusal)
}

/** Which test, which process, and where to. */
export function describeRefusal({ test, command, pid, what }: Refusal): string {
  return `${test}: ${what}, by process ${pid}: node ${command}`
}

function toRefusal(line: string): Refusal {
  const { test, command, pid, what } = JSON.parse(line)
  return { test: relative(PROJECT, test).split(sep).join('/'), command, pid, what }
}
