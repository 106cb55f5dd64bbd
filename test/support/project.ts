import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project's folder: compiled tests lie three folders below it. */
export const PROJECT = fileURLToPath(new URL('../../../', import.meta.url))

/** The program as a user starts it. */
export const BIN = join(PROJECT, 'bin', 'torrent.js')
