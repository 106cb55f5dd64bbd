import assert from 'node:assert/strict'
import { readFile, rm } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { writeRandomFile } from '../support/content.js'
import { freePort } from '../support/ports.js'
import { TempFolder } from '../support/temp-folder.js'
import { runTorrent, torrent } from '../support/torrent.js'
import { LOCAL } from './local-peers.js'

describe('a file that is seeded with its own tracker', () => {
  it('is seeded by the same command again, which leaves its .torrent as it is', async () => {
    await using folder = new TempFolder()
    const [content, out] = [folder.join('talk.mkv'), folder.join('talk.torrent')]
    await writeRandomFile(content, 300_000, 1)
    const tracker = ['--with-tracker', `${await freePort()}`]
    const args = ['seed', content, ...LOCAL, ...tracker, '-o', out]
    const seedOnce = async (): Promise<Buffer> => {
      await using seeder = torrent(args)
      await seeder.waitFor('seeding')
      assert.equal((await seeder.stop()).code, 0)
      return await readFile(out)
    }
    const first = await seedOnce()
    assert.deepEqual(await seedOnce(), first)

    // Other content makes another torrent, which takes the place of the first with --force alone.
    await rm(content)
    await writeRandomFile(content, 300_000, 2)
    const refused = await runTorrent(args)
    assert.equal(refused.code, 6)
    assert.match(refused.stderr, /talk\.torrent: it exists already: .* with --force/)
    assert.deepEqual(await readFile(out), first)
    args.push('--force')
    assert.notDeepEqual(await seedOnce(), first)
  })
})
