import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/**
 * Whether this process is in the foreground of its terminal: one in the background that reads from the terminal is
 * stopped by the system. Where that cannot be found out, it is taken to be in the background.
 */
export async function isInForeground(): Promise<boolean> {
  try {
    switch (process.platform) {
      case 'win32':
        // Windows has no job control.
        return true
      case 'linux':
        return isForegroundStat(await readFile('/proc/self/stat', 'latin1'))
      default: {
        const { stdout } = await promisify(execFile)('ps', ['-o', 'stat=', '-p', String(process.pid)])
        return stdout.includes('+')
      }
    }
  } catch {
    return false
  }
}

/** Whether in the text of `/proc/<pid>/stat` (proc(5)) the process group is that of the terminal's foreground. */
export function isForegroundStat(stat: string): boolean {
  // The second field, the command in parentheses, may hold anything.
  const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return group !== undefined && group === foreground
}
