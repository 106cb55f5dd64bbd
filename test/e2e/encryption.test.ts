import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { digestTree, writeRandomFile } from '../support/content.js'
import { TempFolder } from '../support/temp-folder.js'
import { runTorrent } from '../support/torrent.js'
import { getArgs, make, type Seeder, startSeeder } from './local-peers.js'

const MODES = ['prefer', 'require', 'off'] as const

/** Exit status of a download that got nothing from any peer. */
const NOTHING_MOVED = 4

describe('--encryption', () => {
  let folder: TempFolder
  let metainfo: string

  before(async () => {
    folder = new TempFolder()
    const content = folder.join('data', 'content.bin')
    await writeRandomFile(content, 3_000_001, 1)
    metainfo = await make(content, folder.join('content.torrent'), '--piece-length', '64KiB')
  })
  after(async () => await folder[Symbol.asyncDispose]())

  const seed = async (mode: string): Promise<Seeder> =>
    await startSeeder(metainfo, folder.join('data'), ['--no-tracker', '--encryption', mode])

  for (const seeding of MODES) {
    for (const getting of MODES) {
      const isHopeless = [seeding, getting].includes('require') && [seeding, getting].includes('off')
      it(`${getting} ${isHopeless ? 'gets nothing from' : 'gets all from'} ${seeding}`, async () => {
        await using seeder = await seed(seeding)
        const into = folder.join(`${getting}-from-${seeding}`)
        const args = [...getArgs(metainfo, into, [seeder.address]), '--exit', '--encryption', getting]
        const got = await runTorrent(isHopeless ? [...args, '--timeout', '3s'] : args)
        assert.equal(got.code, isHopeless ? NOTHING_MOVED : 0, got.story)
        if (!isHopeless) assert.deepEqual(await digestTree(into), await digestTree(folder.join('data')))
        assert.equal((await seeder.process.stop()).code, 0)
      })
    }
  }
})
