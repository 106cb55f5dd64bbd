import { join } from 'node:path'
import { PYTHON } from '../../support/partners.js'
import { PROJECT } from '../../support/project.js'
import type { TempFolder } from '../../support/temp-folder.js'
import { NEW_LIBTORRENT_PYTHON, type Tool } from '../tools.js'
import type { CheckingClient, GettingClient, MakingClient, SeedingClient } from './client.js'
import { boundMs, MeasuredProcess } from './measured-process.js'

const PROGRAM = join(PROJECT, 'test', 'bench', 'libtorrent', 'client.py')

type LibtorrentClient = SeedingClient & GettingClient & MakingClient & CheckingClient

/** libtorrent 2 from Python, with settings that suit the loopback. */
export const LIBTORRENT = libtorrentClient('libtorrent')

/** The newest one, which reads and writes files otherwise. */
export const LIBTORRENT_21 = libtorrentClient('libtorrent21', { python: NEW_LIBTORRENT_PYTHON })

/** The same with connections that are encrypted throughout. */
export const LIBTORRENT_RC4 = libtorrentClient('libtorrent', { env: { RC4: '1' } })

function libtorrentClient(
  tool: Tool,
  {
    python = PYTHON,
    env = {},
  }: { readonly python?: string; readonly env?: Readonly<Record<string, string>> } = {},
): LibtorrentClient {
  const start = (args: readonly string[], folder: TempFolder) =>
    new MeasuredProcess([python, PROGRAM, ...args], folder, env)
  return {
    name: tool,
    needs: [tool],
    async seed({ metainfo, data, folder }) {
      const program = start(['seed', metainfo, data], folder)
      return await program.seedingAt(program.line('a port of libtorrent', () => true).then(Number))
    },
    async get({ metainfo, bytes, folder }, into, port) {
      await using program = start(['get', metainfo, into, '127.0.0.1', `${port}`], folder)
      return await program.end(boundMs(bytes))
    },
    async make({ data, name, bytes, folder }, out, { format, pieceLength }) {
      await using program = start(['make', join(data, name), out, format, `${pieceLength}`], folder)
      return await program.end(boundMs(bytes))
    },
    async check({ metainfo, data, bytes, folder }) {
      await using program = start(['check', metainfo, data], folder)
      return await program.end(boundMs(bytes))
    },
  }
}
