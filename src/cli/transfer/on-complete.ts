import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { reasonOf } from '../../base/errors.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import type { Output } from '../output/output.js'
import { infoHashOf } from '../torrents/torrent-facts.js'

export interface CompletedDownload {
  readonly metainfo: Metainfo
  readonly dir: string
  readonly path: string
}

/**
 * Runs a command in the shell after a download, with `TORRENT_NAME`, `TORRENT_DIR`, `TORRENT_PATH` and `TORRENT_INFO_HASH` in
 * its environment: names from torrents stay out of the command line, where they could be commands. Its
 * output becomes notes; a failure is a warning. Returns true if it succeeded.
 */
export async function runOnComplete(
  command: string,
  { metainfo, dir, path }: CompletedDownload,
  output: Output,
): Promise<boolean> {
  const child = spawn(command, {
    shell: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      TORRENT_NAME: metainfo.name,
      TORRENT_DIR: dir,
      TORRENT_PATH: path,
      TORRENT_INFO_HASH: infoHashOf(metainfo),
    },
  })
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', line => output.note(line))
  }
  const failure = await once(child, 'close').then(
    ([code, signal]) => (code === 0 ? undefined : `it ended with ${code ?? signal}`),
    reasonOf,
  )
  if (failure === undefined) return true
  const message = `--on-complete: ${failure}: ${command}`
  output.warn('on-complete', message, { infoHash: infoHashOf(metainfo) })
  return false
}
