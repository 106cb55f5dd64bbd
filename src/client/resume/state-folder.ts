import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/** What the place of a user's state depends on. */
export interface Surroundings {
  readonly platform: NodeJS.Platform
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
}

/** Where this user's state lies: by the XDG Base Directory Specification, or as the platform has it. */
export function stateFolder(
  { platform, env, home }: Surroundings = { platform: process.platform, env: process.env, home: homedir() },
): string {
  const chosen = env.XDG_STATE_HOME
  // The specification: relative paths are to be ignored.
  if (chosen !== undefined && isAbsolute(chosen)) return join(chosen, 'torrent')
  switch (platform) {
    case 'win32':
      return join(env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'torrent')
    case 'darwin':
      return join(home, 'Library', 'Application Support', 'torrent')
    default:
      return join(home, '.local', 'state', 'torrent')
  }
}
