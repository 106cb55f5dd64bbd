import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

/**
 * True if this process is in the foreground of its terminal: the system stops a background process that reads from the terminal.
 * False if that cannot be determined.
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
        // Loaded only here, since loading it takes milliseconds.
        const { execFile } = process.getBuiltinModule('node:child_process')
        const { stdout } = await promisify(execFile)('ps', ['-o', 'stat=', '-p', String(process.pid)])
        return stdout.includes('+')
      }
    }
  } catch {
    return false
  }
}

/** True if `/proc/<pid>/stat` (proc(5)) names the process group as the terminal's foreground group. */
export function isForegroundStat(stat: string): boolean {
  // The second field, the command in parentheses, may hold anything.
  const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return group !== undefined && group === foreground
}
