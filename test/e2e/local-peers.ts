import { mustRun, type TorrentOptions, type TorrentProcess, torrent } from '../support/torrent.js'

/** Keeps a process on the loopback, at a port of its own, and lets the test read what it does. */
export const LOCAL = ['--json', '-p', '0', '--bind', '127.0.0.1'] as const

/** Writes a .torrent of a file or folder. */
export async function make(content: string, out: string, ...more: readonly string[]): Promise<string> {
  await mustRun(['make', content, '-o', out, ...more])
  return out
}

export interface Seeder extends AsyncDisposable {
  readonly process: TorrentProcess
  readonly port: number
  /** As `--peer` takes it. */
  readonly address: string
}

/** A seeder that is ready; without more said it knows no tracker. */
export async function startSeeder(
  metainfo: string,
  folder: string,
  more: readonly string[] = ['--no-tracker'],
): Promise<Seeder> {
  const process = torrent(['seed', metainfo, '-d', folder, ...LOCAL, ...more])
  try {
    const { port } = await process.waitFor('seeding')
    return {
      process,
      port,
      address: `127.0.0.1:${port}`,
      [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
    }
  } catch (error) {
    await process[Symbol.asyncDispose]()
    throw error
  }
}

/** The arguments of a download from peers that are named, and no others. */
export function getArgs(metainfo: string, folder: string, peers: readonly string[]): string[] {
  const named = peers.flatMap(peer => ['--peer', peer])
  return ['get', metainfo, '-d', folder, ...LOCAL, '--no-tracker', '--timeout', '60s', ...named]
}

/** A download from named peers, in its own process. */
export function startLeecher(
  metainfo: string,
  folder: string,
  peers: readonly string[],
  options?: TorrentOptions,
): TorrentProcess {
  return torrent(getArgs(metainfo, folder, peers), options)
}

/** The same over plain connections, which a proxy in between can read and change. */
export function startPlainLeecher(
  metainfo: string,
  folder: string,
  peers: readonly string[],
  options?: TorrentOptions,
): TorrentProcess {
  return torrent([...getArgs(metainfo, folder, peers), '--encryption', 'off'], options)
}
