import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/** The parts of the environment that determine the state folder. */
export interface Surroundings {
  readonly platform: NodeJS.Platform
  readonly env: Readonly<Record<string, string | undefined>>
  readonly home: string
}

/** The state folder of this user, by the XDG Base Directory Specification or the platform's custom. */
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
