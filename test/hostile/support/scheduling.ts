import { readFileSync } from 'node:fs'

/**
 * Milliseconds since its beginning in which the main thread of a process was ready to run and had no processor: other
 * programs of this machine took that time. 0 where the system does not say.
 */
export function waitedForProcessor(pid: number): number {
  try {
    const [, nanoseconds = '0'] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')
    return Number(nanoseconds) / 1e6
  } catch {
    return 0
  }
}
