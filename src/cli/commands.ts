import type { CommandRow } from './program.js'

/** All commands, in the order of `torrent --help`. */
export const COMMANDS: readonly CommandRow[] = []
