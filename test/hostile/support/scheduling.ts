import { readFileSync } from 'node:fs'

/**
 * Milliseconds that the main thread of a process was ready to run and had no processor, since it began: other programs
 * of this machine took that time, not the process. 0 where the system does not say.
 */
export function waitedForProcessor(pid: number): number {
  try {
    const [, nanoseconds = '0'] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')
    return Number(nanoseconds) / 1e6
  } catch {
    return 0
  }
}
