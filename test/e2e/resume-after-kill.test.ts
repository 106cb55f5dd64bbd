import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { describe, it } from 'node:test'
import { fromHex } from '../../src/base/bytes.js'
import { SeededRandom } from '../../src/base/random.js'
import { RawListener } from '../client/support/raw-peer.js'
import type { SeenBlock } from '../support/block-watcher.js'
import { digestTree, writeRandomFile } from '../support/content.js'
import { infoOf } from '../support/info.js'
import { PeerProxy } from '../support/peer-proxy.js'
import { TempFolder } from '../support/temp-folder.js'
import { mustRun } from '../support/torrent.js'
import { make, startPlainLeecher, startSeeder } from './local-peers.js'

const KILLS = 20
const MIB = 2 ** 20
const SIZE = 480 * MIB
const BYTES_PER_SECOND = 80 * MIB

/** What has come through the proxy, one run of the leecher after the other. */
class Ledger {
  /** Pieces of which a killed run had said that it has them: all others were in flight. */
  readonly safe = new Set<number>()
  readonly fetchedAgain = new Set<number>()
  bytes = 0
  #runBytes = 0
  #killAt = Number.POSITIVE_INFINITY
  #kill: (() => void) | undefined

  /** Calls `kill` once, after this number of bytes of the run. */
  startRun(killAt: number, kill: () => void): void {
    this.#runBytes = 0
    this.#killAt = killAt
    this.#kill = kill
  }

  see({ piece, length }: SeenBlock): void {
    this.bytes += length
    this.#runBytes += length
    if (this.safe.has(piece)) this.fetchedAgain.add(piece)
    if (this.#runBytes >= this.#killAt) {
      this.#killAt = Number.POSITIVE_INFINITY
      this.#kill?.()
    }
  }
}

describe('a download that is killed', () => {
  it(`resumes, ${KILLS} times over, and fetches nothing twice but what was in flight`, async t => {
    const seed = Number(process.env.TORRENT_SEED ?? randomInt(2 ** 31))
    t.diagnostic(`TORRENT_SEED=${seed}`)
    const random = new SeededRandom(seed)
    await using folder = new TempFolder()
    const content = folder.join('data', 'content.bin')
    await writeRandomFile(content, SIZE, seed)
    const metainfo = await make(content, folder.join('content.torrent'), '--piece-length', '256KiB')
    // Without peer exchange: else a run of some seconds tells it of the witness, to which it connects itself, for good.
    const alone = ['--no-tracker', '--no-pex']
    await using seeder = await startSeeder(metainfo, folder.join('data'), alone)
    const ledger = new Ledger()
    await using proxy = await PeerProxy.listen({
      port: seeder.port,
      bytesPerSecond: BYTES_PER_SECOND,
      onBlock: block => ledger.see(block),
    })
    // Has nothing and wants nothing, but hears of every piece that was verified.
    const { infoHashV1, pieceCount } = await infoOf(metainfo)
    await using witness = await RawListener.open(pieceCount, peer => {
      peer.sayHandshake(fromHex(infoHashV1 ?? '') ?? new Uint8Array(20))
      peer.say.haveNone()
    })
    const peers = [proxy.address, `127.0.0.1:${witness.port}`]
    const start = () =>
      startPlainLeecher(metainfo, folder.join('got'), peers, { state: folder.join('state') })

    for (let kill = 0; kill < KILLS; kill++) {
      // Too little in all runs together to complete, whatever is fetched twice.
      const killAt = random.below(SIZE / (KILLS + 2)) + 1
      await using leecher = start()
      ledger.startRun(killAt, () => leecher.child.signal('SIGKILL'))
      assert.equal((await leecher.exit()).signal, 'SIGKILL', leecher.child.explain('it ended by itself'))
      for (const peer of witness.peers.splice(0)) {
        await peer.closed()
        for (const [, piece] of peer.heardOf('have')) ledger.safe.add(Number(piece))
      }
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
