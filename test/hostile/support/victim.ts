import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { nodeDigests } from '../../../src/client/digests.js'
import { parseMetainfo } from '../../../src/protocol/metainfo/parse.js'
import { getArgs, LOCAL, make } from '../../e2e/local-peers.js'
import { writeRandomFile } from '../../support/content.js'
import { poll } from '../../support/deadline.js'
import { freePort, listening } from '../../support/ports.js'
import { TempFolder } from '../../support/temp-folder.js'
import { type TorrentProcess, torrent } from '../../support/torrent.js'
import { BOUNDS } from './bounds.js'
import { fetchFirstBlock, type PeerTarget, shakeHands } from './honest-peer.js'
import { MemoryWatch } from './memory-watch.js'

const MIB = 2 ** 20

/** The real program in a process of its own, on the loopback, under attack. */
export class Victim implements AsyncDisposable {
  readonly process: TorrentProcess
  readonly port: number
  readonly #folder: TempFolder
  #memory: MemoryWatch

  constructor(process: TorrentProcess, port: number, folder: TempFolder) {
    this.process = process
    this.port = port
    this.#folder = folder
    this.#memory = new MemoryWatch(process.child.pid)
  }

  /** Bytes of resident memory beyond those at the beginning, at most. */
  get memoryGrowth(): number {
    return this.#memory.growth
  }

  /** Counts growth from the memory that it uses now: for what an attack has to do before it begins. */
  countMemoryFromNow(): void {
    this.#memory[Symbol.dispose]()
    this.#memory = new MemoryWatch(this.process.child.pid)
  }

  /** Asserts that it still runs, that its memory stayed within the bound, and that it ends cleanly. Ends it. */
  async assertUnharmed(): Promise<void> {
    const { child } = this.process
    assert.ok(child.isRunning, child.explain('the attack ended it'))
    const growth = this.memoryGrowth
    this.#memory[Symbol.dispose]()
    assert.ok(growth <= BOUNDS.memoryGrowth, `its memory grew by ${Math.round(growth / MIB)} MiB`)
    const { code, signal } = await this.process.stop()
    assert.equal(code, 0, child.explain(`it ended with ${code ?? signal}`))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#memory[Symbol.dispose]()
    await this.process[Symbol.asyncDispose]()
    await this.#folder[Symbol.asyncDispose]()
  }
}

/** The torrent that a victim shares: one file of random bytes, v1. */
export interface SharedTorrent {
  readonly metainfo: string
  /** The folder of the complete content. */
  readonly dataDir: string
  readonly infoHash: Uint8Array
  readonly pieceCount: number
  readonly pieceLength: number
}

/** A victim that peers connect to. */
export class SwarmVictim extends Victim {
  readonly torrent: SharedTorrent

  constructor(process: TorrentProcess, port: number, folder: TempFolder, torrent: SharedTorrent) {
    super(process, port, folder)
    this.torrent = torrent
  }
}

export interface VictimOptions {
  /** Bytes of the content; 2 MiB unless the attack needs more. */
  readonly bytes?: number
  readonly pieceLength?: number
  /** More arguments of the command. */
  readonly args?: readonly string[]
}

/** `torrent seed`, warmed up by an honest peer that downloaded a block. */
export async function startSeedVictim(options: VictimOptions = {}): Promise<SwarmVictim> {
  return await start(options, async ({ metainfo, dataDir }) => {
    const process = torrent([
      'seed',
      metainfo,
      '-d',
      dataDir,
      ...LOCAL,
      '--no-tracker',
      ...(options.args ?? []),
    ])
    const port = process.waitFor('seeding').then(event => event.port)
    return { process, port, warmUp: fetchFirstBlock }
  })
}

/**
 * `torrent get`, which knows the peers that are named and accepts others.
 * @param peers as `--peer` takes them; made once there is a torrent, for peers that serve its content
 */
export async function startGetVictim(
  peers: (torrent: SharedTorrent) => Promise<readonly string[]>,
  options: VictimOptions = {},
): Promise<SwarmVictim> {
  return await start(options, async (shared, folder) => {
    const port = await freePort()
    // The last of two ports counts.
    const args = [...getArgs(shared.metainfo, folder.join('got'), await peers(shared)), '-p', `${port}`]
    const process = torrent([...args, ...(options.args ?? [])])
    return { process, port: process.waitFor('checking').then(() => port), warmUp: shakeHands }
  })
}

/** `torrent tracker`. */
export async function startTrackerVictim(args: readonly string[] = []): Promise<Victim> {
  const folder = new TempFolder()
  const port = await freePort()
  const process = torrent(['tracker', '-p', `${port}`, '--bind', '127.0.0.1', ...args])
  try {
    await listening(port)
    return new Victim(process, port, folder)
  } catch (error) {
    await process[Symbol.asyncDispose]()
    await folder[Symbol.asyncDispose]()
    throw error
  }
}

async function start(
  options: VictimOptions,
  run: (
    torrent: SharedTorrent,
    folder: TempFolder,
  ) => Promise<{
    process: TorrentProcess
    port: Promise<number>
    /** The action of an honest peer before the attack. */
    warmUp: (victim: PeerTarget) => Promise<unknown>
  }>,
): Promise<SwarmVictim> {
  const folder = new TempFolder()
  let process: TorrentProcess | undefined
  try {
    const shared = await share(folder, options)
    const started = await run(shared, folder)
    process = started.process
    const port = await started.port
    const { warmUp } = started
    await poll('a victim that answers', async () => {
      const isUp = await warmUp({ port, torrent: shared }).then(
        () => true,
        () => false,
      )
      return isUp ? isUp : undefined
    })
    return new SwarmVictim(process, port, folder, shared)
  } catch (error) {
    await process?.[Symbol.asyncDispose]()
    await folder[Symbol.asyncDispose]()
    throw error
  }
}

async function share(folder: TempFolder, options: VictimOptions): Promise<SharedTorrent> {
  const { bytes = 2 * MIB, pieceLength = 65_536 } = options
  const dataDir = folder.join('data')
  const content = folder.join('data', 'content.bin')
  await writeRandomFile(content, bytes, 1)
  const size = `${pieceLength / 1024}KiB`
  const metainfo = await make(
    content,
    folder.join('content.torrent'),
    '--format',
    'v1',
    '--piece-length',
    size,
  )
  const { infoHashV1, pieceCount } = parseMetainfo(await readFile(metainfo), nodeDigests)
  return { metainfo, dataDir, infoHash: infoHashV1 ?? new Uint8Array(20), pieceCount, pieceLength }
}
