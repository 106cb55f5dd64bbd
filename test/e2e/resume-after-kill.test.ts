import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { describe, it } from 'node:test'
import { SeededRandom } from '../../src/base/random.js'
import type { SeenBlock } from '../support/block-watcher.js'
import { digestTree, writeRandomFile } from '../support/content.js'
import { PeerProxy } from '../support/peer-proxy.js'
import { TempFolder } from '../support/temp-folder.js'
import { mustRun } from '../support/torrent.js'
import { make, startLeecher, startSeeder } from './scene.js'

const KILLS = 20
const MIB = 2 ** 20
const SIZE = 480 * MIB
const PIECE_LENGTH = 256 * 1024
const BYTES_PER_SECOND = 80 * MIB
/**
 * Pieces that may have come whole and yet not have reached the disk when the process dies: what lies in sockets and
 * waits to be hashed and written, 4 MiB.
 */
const IN_FLIGHT = 16

/** What has come through the proxy, one run of the leecher after the other. */
class Ledger {
  /** Pieces that a killed run had got whole, long enough before its end to be safe on disk. */
  readonly safe = new Set<number>()
  readonly fetchedAgain = new Set<number>()
  bytes = 0
  #runBytes = 0
  #killAt = Number.POSITIVE_INFINITY
  #kill: (() => void) | undefined
  readonly #parts = new Map<number, number>()
  readonly #whole: number[] = []

  /** Calls `kill` once, when so many bytes have come in this run. */
  startRun(killAt: number, kill: () => void): void {
    this.#runBytes = 0
    this.#killAt = killAt
    this.#kill = kill
    this.#parts.clear()
    this.#whole.length = 0
  }

  endRun(): void {
    for (const piece of this.#whole.slice(0, -IN_FLIGHT)) this.safe.add(piece)
  }

  see({ piece, length }: SeenBlock): void {
    this.bytes += length
    this.#runBytes += length
    if (this.safe.has(piece)) this.fetchedAgain.add(piece)
    const part = (this.#parts.get(piece) ?? 0) + length
    this.#parts.set(piece, part)
    if (part === PIECE_LENGTH) this.#whole.push(piece)
    if (this.#runBytes >= this.#killAt) {
      this.#killAt = Number.POSITIVE_INFINITY
      this.#kill?.()
    }
  }
}

describe('a download that is killed', () => {
  it(`goes on from there, ${KILLS} times over, and fetches nothing twice but what was in flight`, async t => {
    const seed = Number(process.env.TORRENT_SEED ?? randomInt(2 ** 31))
    t.diagnostic(`TORRENT_SEED=${seed}`)
    const random = new SeededRandom(seed)
    await using folder = new TempFolder()
    const content = folder.join('data', 'content.bin')
    await writeRandomFile(content, SIZE, seed)
    const metainfo = await make(content, folder.join('content.torrent'), '--piece-length', '256KiB')
    await using seeder = await startSeeder(metainfo, folder.join('data'))
    const ledger = new Ledger()
    await using proxy = await PeerProxy.listen({
      port: seeder.port,
      bytesPerSecond: BYTES_PER_SECOND,
      onBlock: block => ledger.see(block),
    })
    const start = () =>
      startLeecher(metainfo, folder.join('got'), [proxy.address], { state: folder.join('state') })

    for (let kill = 0; kill < KILLS; kill++) {
      // Too little in all runs together to complete, whatever is fetched twice.
      const killAt = random.below(SIZE / (KILLS + 2)) + 1
      await using leecher = start()
      ledger.startRun(killAt, () => leecher.child.signal('SIGKILL'))
      assert.equal((await leecher.exit()).signal, 'SIGKILL', leecher.child.explain('it ended by itself'))
      ledger.endRun()
    }

    ledger.startRun(Number.POSITIVE_INFINITY, () => {})
    await using leecher = start()
    await leecher.waitFor('complete')
    assert.equal((await leecher.stop()).code, 0)
    t.diagnostic(`${ledger.bytes - SIZE} of ${SIZE} bytes came twice, ${ledger.safe.size} pieces were safe`)
    assert.deepEqual([...ledger.fetchedAgain], [])
    assert.ok(ledger.safe.size > 0, 'no run came far enough to prove anything')
    assert.deepEqual(await digestTree(folder.join('got')), await digestTree(folder.join('data')))
    await mustRun(['check', metainfo, '-d', folder.join('got')])
  })
})
