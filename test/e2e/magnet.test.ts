// A magnet link of which one seeder alone has the .torrent.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { digestTree, writeRandomFile } from '../support/content.js'
import { infoOf } from '../support/info.js'
import { freePort, listening } from '../support/ports.js'
import { trackerKnows } from '../support/scrape.js'
import { TempFolder } from '../support/temp-folder.js'
import { mustRun, torrent } from '../support/torrent.js'
import { LOCAL, make, startSeeder } from './local-peers.js'

describe('a magnet link', () => {
  for (const version of ['v1', 'v2', 'hybrid']) {
    it(`is all that three have, one seeder has the .torrent, and each gets the content, ${version}`, async () => {
      await using folder = new TempFolder()
      const port = await freePort()
      const url = `http://127.0.0.1:${port}/announce`
      const content = folder.join('data', 'content.bin')
      await writeRandomFile(content, 8 * 2 ** 20 + 1, 1)
      const metainfo = await make(content, folder.join('content.torrent'), '-t', url, '--format', version)
      const { infoHashV1, infoHashV2 } = await infoOf(metainfo)
      await using _tracker = torrent(['tracker', '-p', `${port}`, '--bind', '127.0.0.1'])
      await listening(port)
      await using _seeder = await startSeeder(metainfo, folder.join('data'), [])
      await trackerKnows(url, infoHashV1 ?? infoHashV2?.slice(0, 40) ?? '', 1)

      const magnet = (await mustRun(['magnet', metainfo])).stdout.trim()
      const names = ['first', 'second', 'third']
      const leechers = names.map(name =>
        torrent(['get', magnet, '-d', folder.join(name), ...LOCAL, '--exit']),
      )
      for (const leecher of leechers) {
        const { code } = await leecher.exit()
        assert.equal(code, 0, leecher.child.explain('the download'))
        const types = leecher.events.all.map(({ type }) => type)
        assert.ok(types.indexOf('metadata') < types.indexOf('added'), `${types}`)
      }
      const wanted = await digestTree(folder.join('data'))
      for (const name of names) assert.deepEqual(await digestTree(folder.join(name)), wanted)
    })
  }

  it('shows its files and is kept as a .torrent with --fetch', async () => {
    await using folder = new TempFolder()
    const content = folder.join('data', 'content.bin')
    await writeRandomFile(content, 100_000, 1)
    const metainfo = await make(content, folder.join('content.torrent'), '--format', 'v1')
    const infoHashV1 = (await infoOf(metainfo)).infoHashV1 ?? ''
    await using seeder = await startSeeder(metainfo, folder.join('data'))
    const out = folder.join('kept.torrent')
    await using info = torrent([
      ...['info', infoHashV1, '--fetch', '--json', '--peer', `127.0.0.1:${seeder.port}`, '-o', out],
    ])
    assert.equal((await info.exit()).code, 0, info.child.explain('info'))
    const shown = await infoOf(out)
    assert.equal(shown.infoHashV1, infoHashV1)
    assert.equal(shown.name, 'content.bin')
    assert.ok((await readFile(metainfo)).includes((await readFile(out)).subarray(7, -1)))
  })

  it('that leads to no peer says which were asked, and ends with 4 after --timeout', async () => {
    await using folder = new TempFolder()
    const port = await freePort()
    await using get = torrent([
      ...['get', 'ab'.repeat(20), '--bind', '127.0.0.1', '-p', '0', '-d', folder.join('got')],
      ...['--peer', `127.0.0.1:${port}`, '--timeout', '2s'],
    ])
    const { code } = await get.exit()
    assert.equal(code, 4, get.child.explain('get'))
    assert.match(get.child.stderr, new RegExp(`127\\.0\\.0\\.1:${port}: connection refused`))
  })
})
