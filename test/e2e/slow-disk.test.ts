import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { writeRandomFile } from '../support/content.js'
import { TempFolder } from '../support/temp-folder.js'
import { torrent } from '../support/torrent.js'
import { getArgs, LOCAL, make, startSeeder } from './local-peers.js'

const SLOW_DISK = fileURLToPath(new URL('../support/slow-disk.js', import.meta.url))
const MIB = 2 ** 20
/** More than the memory for what arrives holds, and more seconds of writing than the test may take. */
const SLOW_BYTES = 64 * MIB
const QUICK_BYTES = 48 * MIB

it('a torrent whose disk is slow does not hold up another', async () => {
  await using folder = new TempFolder()
  const torrents: Record<string, string> = {}
  for (const [name, bytes] of [
    ['slow', SLOW_BYTES],
    ['quick', QUICK_BYTES],
  ] as const) {
    await writeRandomFile(folder.join('data', `${name}.bin`), bytes, bytes)
    const path = folder.join(`${name}.torrent`)
    torrents[name] = await make(folder.join('data', `${name}.bin`), path, '--no-checksums')
  }
  const { slow = '', quick = '' } = torrents
  await using seeder = await startSeeder(slow, folder.join('data'), [quick, '--no-tracker'])
  const writes = folder.join('writes')
  await using leecher = torrent([...getArgs(slow, folder.join('got'), [seeder.address]), quick, ...LOCAL], {
    env: { NODE_OPTIONS: `--import ${SLOW_DISK}`, SLOW_DISK: writes },
  })
  const complete = await leecher.waitFor('complete', () => true, { withinMs: 60_000 })
  assert.match(complete.path, /quick\.bin$/)
  const slowWrites = readFileSync(writes, 'utf8').length
  assert.ok(slowWrites > 0, 'nothing was slow')
})
