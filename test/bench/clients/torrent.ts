import { join } from 'node:path'
import { isType, parseEvent } from '../../support/events.js'
import { BIN } from '../../support/project.js'
import type { TempFolder } from '../../support/temp-folder.js'
import type { Published } from '../contents.js'
import type { CheckingClient, GettingClient, MakingClient, SeedingClient } from './client.js'
import { boundMs, MeasuredProcess } from './measured-process.js'

export type TorrentClient = SeedingClient & GettingClient & MakingClient & CheckingClient

/** Options of `get` and `seed` by which nothing but what the case asks for happens. */
export const LOCAL = ['--json', '--no-tracker', '-p', '0', '--bind', '127.0.0.1']

/** For what is connected to the benchmark's own peers, which know no encrypted handshake. */
export const PLAIN = ['--encryption', 'off']

let starts = 0

/** Our program as a user starts it, with nothing remembered of earlier runs. `env` is added to its environment. */
export function startTorrent(
  args: readonly string[],
  folder: TempFolder,
  env: Readonly<Record<string, string>> = {},
): MeasuredProcess {
  return new MeasuredProcess([process.execPath, BIN, ...args], folder, {
    XDG_STATE_HOME: folder.join(`state-${++starts}`),
    ...env,
  })
}

/** The port, once the program says that it seeds. */
export async function seedingPort(program: MeasuredProcess): Promise<number> {
  const isSeeding = isType('seeding')
  let port = 0
  await program.line('`seeding`', line => {
    const event = parseEvent(line)
    if (event === undefined || !isSeeding(event)) return false
    port = event.port
    return true
  })
  return port
}

/** @param options of `seed` and `get` */
export function torrentClient(
  env: Readonly<Record<string, string>> = {},
  options: readonly string[] = [],
): TorrentClient {
  const swarm = [...LOCAL, ...options]
  return {
    name: 'torrent',
    needs: [],
    async seed({ metainfo, data, folder }) {
      const program = startTorrent(['seed', metainfo, '-d', data, '--no-check', ...swarm], folder, env)
      return await program.seedingAt(seedingPort(program))
    },
    async get({ metainfo, bytes, folder }, into, port) {
      const args = ['get', metainfo, '-d', into, '--exit', ...swarm, '--peer', `127.0.0.1:${port}`]
      await using program = startTorrent(args, folder, env)
      return await program.end(boundMs(bytes))
    },
    async make({ data, name, bytes, folder }, out, { format, pieceLength, checksums }) {
      const options = ['--format', format, '--piece-length', `${pieceLength / 1024}KiB`, '-q', '-f']
      if (!checksums) options.push('--no-checksums')
      await using program = startTorrent(['make', join(data, name), '-o', out, ...options], folder, env)
      return await program.end(boundMs(bytes))
    },
    async check({ metainfo, data, bytes, folder }: Published) {
      await using program = startTorrent(['check', metainfo, '-d', data, '-q'], folder, env)
      return await program.end(boundMs(bytes))
    },
  }
}

export const OURS = torrentClient()

/** With connections that are not encrypted, and no handshake for that. */
export const OURS_PLAIN = torrentClient({}, PLAIN)

/** With connections that are encrypted throughout. */
export const OURS_RC4 = torrentClient({}, ['--encryption', 'require'])
