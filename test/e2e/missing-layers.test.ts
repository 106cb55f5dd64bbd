import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { digestTree, writeRandomFile } from '../support/content.js'
import { copyWithout } from '../support/metainfo-surgery.js'
import { TempFolder } from '../support/temp-folder.js'
import { mustRun } from '../support/torrent.js'
import { make, startLeecher, startSeeder } from './local-peers.js'

/** Content in `<folder>/data` and a torrent of it that has lost its layers. */
async function publishBare(folder: TempFolder, format: string): Promise<string> {
  const content = folder.join('data', 'content.bin')
  await writeRandomFile(content, 3_000_001, 1)
  const whole = folder.join('whole.torrent')
  await make(content, whole, '--format', format, '--piece-length', '16KiB')
  const bare = folder.join('bare.torrent')
  await copyWithout(whole, 'piece layers', bare)
  return bare
}

describe('a torrent of which no peer has the piece layers', () => {
  for (const format of ['v2', 'hybrid']) {
    it(`is checked, seeded and fetched by its data alone: ${format}`, async () => {
      await using folder = new TempFolder()
      const bare = await publishBare(folder, format)
      await mustRun(['check', bare, '-d', folder.join('data')])
      await using seeder = await startSeeder(bare, folder.join('data'))
      await using leecher = startLeecher(bare, folder.join('got'), [seeder.address])
      await leecher.waitFor('complete')
      assert.deepEqual(await digestTree(folder.join('got')), await digestTree(folder.join('data')))
    })

    it(`is seeded again, after what an earlier session knows: ${format}`, async () => {
      await using folder = new TempFolder()
      const bare = await publishBare(folder, format)
      await using first = await startSeeder(bare, folder.join('data'))
      assert.equal((await first.process.stop()).code, 0)
      await using second = await startSeeder(bare, folder.join('data'))
      await using leecher = startLeecher(bare, folder.join('got'), [second.address])
      await leecher.waitFor('complete')
    })
  }
})
