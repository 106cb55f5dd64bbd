import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { writeRandomFile } from '../support/content.js'
import { TempFolder } from '../support/temp-folder.js'
import { mustRun, torrent } from '../support/torrent.js'
import { getArgs, LOCAL, make, startSeeder } from './local-peers.js'

describe('what is remembered over several starts', () => {
  it('lets a seeder leave once all of them together have reached its ratio', async () => {
    await using folder = new TempFolder()
    const content = folder.join('data', 'content.bin')
    await writeRandomFile(content, 3_000_000, 1)
    const metainfo = await make(content, folder.join('content.torrent'))
    const state = folder.join('state')
    const args = ['seed', metainfo, '-d', folder.join('data'), ...LOCAL, '--no-tracker', '--ratio', '2']
    for (const round of [1, 2]) {
      await using seeder = torrent(args, { state })
      const { port } = await seeder.waitFor('seeding')
      await mustRun([...getArgs(metainfo, folder.join(`${round}`), [`127.0.0.1:${port}`]), '--exit'])
      if (round === 1) assert.equal((await seeder.stop()).code, 0)
      else assert.equal((await seeder.waitFor('stopped')).reason, 'ratio')
    }
    const { events } = await mustRun(args, { state })
    assert.deepEqual(
      events.flatMap(event => (event.type === 'stopped' ? [event.reason, event.uploaded, event.ratio] : [])),
      ['ratio', 0, 2],
    )
  })

  it('runs --on-complete once for a completed download, and once more when it is repaired', async () => {
    await using folder = new TempFolder()
    const content = folder.join('data', 'content.bin')
    await writeRandomFile(content, 3_000_000, 2)
    const metainfo = await make(content, folder.join('content.torrent'))
    await using seeder = await startSeeder(metainfo, folder.join('data'))
    const [state, log] = [folder.join('state'), folder.join('log')]
    const onComplete = ['--exit', '--on-complete', `echo "$TORRENT_NAME" >> '${log}'`]
    const get = async (): Promise<string> => {
      const args = [...getArgs(metainfo, folder.join('got'), [seeder.address]), ...onComplete]
      await mustRun(args, { state })
      return await readFile(log, 'utf8')
    }
    assert.equal(await get(), 'content.bin\n')
    assert.equal(await get(), 'content.bin\n')
    const bytes = await readFile(content)
    bytes[1_000_000] = (bytes[1_000_000] ?? 0) ^ 1
    await writeFile(folder.join('got', 'content.bin'), bytes)
    assert.equal(await get(), 'content.bin\ncontent.bin\n')
  })
})
